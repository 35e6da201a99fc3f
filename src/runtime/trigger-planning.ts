import type {
  ActiveTrigger,
  EventPattern,
  PlannedRun,
  TriggerDefinition,
  TriggerScope,
} from '../domain/trigger.ts';
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
