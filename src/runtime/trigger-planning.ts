import type {
  ActiveTrigger,
  EventPattern,
  PlannedRun,
  TriggerDefinition,
  TriggerScope,
} from '../domain/trigger.ts';
import { matchesType } from './event-pattern.ts';
import { guardKeysOf } from './guard-keys.ts';
import { isTrueIn } from './trigger-expressions.ts';
import { isConditionTrue } from './triggers.ts';

/** More of an expression's error is of no use to a reader. */
const reasonMax = 1000;

/**
 * The run that a trigger makes of an event of which the source and type match; undefined = none.
 *
 * An expression that can't be evaluated makes a run that is born failed and says where.
 *
 * @param patterns - the ones that match
 * @param scopeOf - called when there is an expression to evaluate
 */
export function planRun(
  { id: triggerId, revision, definition }: ActiveTrigger,
  patterns: readonly EventPattern[],
  scopeOf: () => TriggerScope,
): PlannedRun | undefined {
  const { name: trigger, mode } = definition;
  const isShadow = mode === 'shadow';
  const run = { triggerId, trigger, revision, isShadow, guards: null, failure: null };
  try {
    if (!hasExpressions(definition, patterns)) return run;
    const scope = scopeOf();
    const pattern = patterns.find((each) => isPatternTrue(definition, each, scope));
    if (!pattern) return undefined;
    if (definition.join === null && !isConditionTrue(definition, scope)) return undefined;
    return { ...run, guards: guardKeysOf(definition, scope, pattern.as) };
  } catch (error) {
    return { ...run, failure: reasonOf(error) };
  }
}

/** What is asked of an event before any expression is. */
export interface EventKind {
  readonly source: string;
  readonly type: string;
}

/** The patterns of a trigger that an event's source and type match. */
export function patternsFor({ on }: TriggerDefinition, event: EventKind): readonly EventPattern[] {
  const source = matchedSource(event.source);
  return on
    .filter((pattern) => pattern.source === source)
    .filter(({ events }) => events.some((type) => matchesType(type, event.type)));
}

/** The run that one trigger makes of an event; undefined = none. As `planRun`, which it asks. */
export function planOf(
  trigger: ActiveTrigger,
  event: EventKind,
  scopeOf: () => TriggerScope,
): PlannedRun | undefined {
  const patterns = patternsFor(trigger.definition, event);
  return patterns.length === 0 ? undefined : planRun(trigger, patterns, scopeOf);
}

/** Whether a pattern's own condition is true; only those of a join have one. */
function isPatternTrue(
  definition: TriggerDefinition,
  { as, when }: EventPattern,
  scope: TriggerScope,
): boolean {
  return when === null || isTrueIn(definition, { path: `on.${as}.when`, source: when }, scope);
}

/** What `on.source` says of events of a source: `events` are those that the platform publishes. */
export function matchedSource(source: string): string {
  return source === 'platform' ? 'events' : source;
}

/** What went wrong, as PostgreSQL keeps text: it may quote what the event brought. */
export function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const text = message.replaceAll('\0', '␀').slice(0, reasonMax);
  return Buffer.from(text).toString(); // Half a surrogate pair becomes �.
}

function hasExpressions(
  { when, dedupe, debounce, concurrency, throttle, join }: TriggerDefinition,
  patterns: readonly EventPattern[],
): boolean {
  const guards = [dedupe, debounce, concurrency, throttle, join];
  const isGuarded = guards.some((guard) => guard !== null);
  return isGuarded || when !== null || patterns.some((pattern) => pattern.when !== null);
}
