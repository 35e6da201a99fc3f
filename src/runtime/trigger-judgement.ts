import type { EventPattern, TriggerDefinition, TriggerScope } from '../domain/trigger.ts';
import { explainCondition } from './condition-explanation.ts';
import type { Decisive } from './condition-explanation.ts';
import { isTrueIn, variablesIn } from './trigger-expressions.ts';
import type { PlacedExpression } from './trigger-expressions.ts';
import { matchedSource, patternsFor, reasonOf } from './trigger-planning.ts';
import type { EventKind } from './trigger-planning.ts';

/** A trigger as it is today. */
export interface JudgedTrigger {
  readonly isActive: boolean;
  /** Why the platform holds it; null = it does not. */
  readonly quarantine: string | null;
  /** Undefined where its file was never good. */
  readonly definition: TriggerDefinition | undefined;
}

/** What a judgement needs of an event. */
export interface JudgedEvent extends EventKind {
  /** Called for the first condition only: it parses the body. */
  readonly scope: () => TriggerScope;
}

/** Whether a trigger fires for an event; a match = nothing in it stands against. */
export type Judgement =
  | {
      readonly isMatch: true;
      /** Which of `on` the event is. */
      readonly pattern: EventPattern;
      readonly decisive: Decisive | null;
    }
  | {
      readonly isMatch: false;
      readonly why: string;
      /** The smallest part of the condition that decided; null where no condition did. */
      readonly decisive: Decisive | null;
      /** The reason with which its run fails; null where no run is made. */
      readonly failure: string | null;
    };

/**
 * Judge an event again by a trigger's present revision, in the order in which the ingress does.
 *
 * The cost of a condition is bounded (`expression.ts`). Never throws.
 */
export function judgeTrigger(
  { isActive, quarantine, definition }: JudgedTrigger,
  event: JudgedEvent,
): Judgement {
  if (!isActive || !definition) return refusal('inactive');
  if (quarantine !== null) return refusal(`quarantined: ${quarantine}`);
  return judgeDefinition(definition, event);
}

/**
 * Judge an event by what a trigger says. The own condition of a trigger with a join is asked when
 * all its parts are in the scope.
 */
export function judgeDefinition(definition: TriggerDefinition, event: JudgedEvent): Judgement {
  let judged: Judgement = refusal(refusalOf(definition, event));
  for (const pattern of patternsFor(definition, event)) {
    judged = judgePattern(definition, pattern, event.scope);
    if (judged.isMatch || judged.failure !== null) return judged;
  }
  return judged;
}

/** Whether to judge an event takes what it carries: nothing else stands against, and there is a condition. */
export function needsScope(
  { isActive, quarantine, definition }: JudgedTrigger,
  event: EventKind,
): boolean {
  if (!isActive || !definition || quarantine !== null) return false;
  const patterns = patternsFor(definition, event);
  const conditions = [definition.when, ...patterns.map(({ when }) => when)];
  return patterns.length > 0 && conditions.some((when) => when !== null);
}

function refusalOf({ on }: TriggerDefinition, event: EventKind): string {
  const bySource = on.filter(({ source }) => source === matchedSource(event.source));
  if (bySource.length > 0) {
    return `another type: wants ${bySource.flatMap(({ events }) => events).join(', ')}`;
  }
  return `another source: wants ${[...new Set(on.map(({ source }) => source))].join(', ')}`;
}

function judgePattern(
  definition: TriggerDefinition,
  pattern: EventPattern,
  scope: () => TriggerScope,
): Judgement {
  let decisive: Decisive | null = null;
  for (const placed of conditionsOf(definition, pattern, scope)) {
    const judged = judgeCondition(definition, placed, scope());
    if ('why' in judged) return judged;
    decisive = judged.decisive;
  }
  return { isMatch: true, pattern, decisive };
}

function conditionsOf(
  definition: TriggerDefinition,
  { as, when: own }: EventPattern,
  scope: () => TriggerScope,
): readonly PlacedExpression[] {
  const { when, join } = definition;
  const isAsked = when !== null && (join === null || hasAllParts(definition, scope()));
  return [
    ...(own === null ? [] : [{ path: `on.${as}.when`, source: own }]),
    ...(isAsked ? [{ path: 'when', source: when }] : []),
  ];
}

/** Whether a scope has every part of a join. */
function hasAllParts({ on }: TriggerDefinition, { parts = {} }: TriggerScope): boolean {
  return on.every(({ as }) => as !== null && Object.hasOwn(parts, as));
}

function judgeCondition(
  definition: TriggerDefinition,
  placed: PlacedExpression,
  scope: TriggerScope,
): Exclude<Judgement, { isMatch: true }> | { readonly decisive: Decisive } {
  const { source } = placed;
  const { value, decisive } = explainCondition(source, scope, variablesIn(definition));
  if (value === true) return { decisive };
  if (value === false) return { ...refusal(`condition is false: ${source}`), decisive };
  const failure = failureOf(() => isTrueIn(definition, placed, scope));
  const why = `condition failed: ${failure.replace(/^when: /, '')}`;
  return { isMatch: false, why, decisive, failure };
}

/** The words of the run that it makes: both evaluate the same. */
function failureOf(evaluate: () => unknown): string {
  try {
    evaluate();
    return 'when: gave no value once';
  } catch (error) {
    return reasonOf(error);
  }
}

/** A judgement that no condition made. */
export function refusal(why: string): Exclude<Judgement, { isMatch: true }> {
  return { isMatch: false, why, decisive: null, failure: null };
}
