import type { TriggerDefinition, TriggerScope } from '../domain/trigger.ts';
import { compileCondition } from './expression.ts';
import { matchesType } from './trigger-file.ts';

/** A trigger as it is today. */
export interface JudgedTrigger {
  readonly isActive: boolean;
  /** Undefined where its file was never good. */
  readonly definition: TriggerDefinition | undefined;
}

/** What a judgement needs of an event. */
export interface JudgedEvent {
  readonly source: string;
  readonly type: string;
  /** Called for the first condition only: it parses the body. */
  readonly scope: () => TriggerScope;
}

/** Why a trigger does not fire for an event; `matches` = nothing in it stands against. */
export type Judgement =
  | { readonly isMatch: true }
  | { readonly isMatch: false; readonly why: string };

/**
 * Judge an event again by a trigger's present revision, in the order in which the ingress does.
 *
 * Evaluates at most one condition, of which the cost is bounded (`expression.ts`). Never throws.
 */
export function judgeTrigger(
  { isActive, definition }: JudgedTrigger,
  event: JudgedEvent,
): Judgement {
  const refusal = refusalOf({ isActive, definition }, event);
  if (refusal !== undefined) return not(refusal);
  const when = definition?.when ?? null;
  return when === null ? { isMatch: true } : judgeCondition(when, event.scope);
}

/** Whether to judge an event takes what it carries: nothing else stands against, and there is a condition. */
export function needsScope(trigger: JudgedTrigger, event: Omit<JudgedEvent, 'scope'>): boolean {
  const when = trigger.definition?.when ?? null;
  return when !== null && refusalOf(trigger, event) === undefined;
}

function refusalOf(
  { isActive, definition }: JudgedTrigger,
  event: Omit<JudgedEvent, 'scope'>,
): string | undefined {
  if (!isActive || !definition) return 'inactive';
  const { source, events } = definition;
  if (source !== event.source) return `another source: wants ${source}`;
  if (events.some((pattern) => matchesType(pattern, event.type))) return undefined;
  return `another type: wants ${events.join(', ')}`;
}

function judgeCondition(when: string, scope: () => TriggerScope): Judgement {
  try {
    const isTrue = compileCondition(when)(scope());
    return isTrue ? { isMatch: true } : not(`condition is false: ${when}`);
  } catch (error) {
    return not(`condition failed: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function not(why: string): Judgement {
  return { isMatch: false, why };
}
