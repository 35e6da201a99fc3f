import type {
  GuardKeys,
  TriggerAction,
  TriggerDefinition,
  TriggerScope,
} from '../domain/trigger.ts';
import type { Decisive } from './condition-explanation.ts';
import { guardKeysOf } from './guard-keys.ts';
import { judgeDefinition, refusal } from './trigger-judgement.ts';
import type { Judgement } from './trigger-judgement.ts';
import { reasonOf } from './trigger-planning.ts';
import { renderAction } from './triggers.ts';

/** What a trigger would do for an event. Nothing was done. */
export interface DryRun {
  readonly fires: boolean;
  readonly why: string;
  /** The smallest part of the condition that decided; null where no condition did. */
  readonly decisive: Decisive | null;
  /** Null also where it does not fire. */
  readonly guards: GuardKeys | null;
  /** With its `with` evaluated; null when it does not fire or that failed. */
  readonly action: TriggerAction | null;
  /** The reason with which its run would fail. */
  readonly failure: string | null;
}

/**
 * Evaluate a trigger for an event without doing anything. Never throws.
 *
 * @param scope - in a join with the parts that have come; alone, the event is the only one
 */
export function dryRunTrigger(definition: TriggerDefinition, scope: TriggerScope): DryRun {
  const judged = refusedPartOf(definition, scope) ?? judge(definition, scope);
  const nothing = { fires: false, decisive: judged.decisive, guards: null, action: null };
  if (!judged.isMatch) return { ...nothing, why: judged.why, failure: judged.failure };
  const { as: part } = judged.pattern;
  try {
    const guards = guardKeysOf(definition, scope, part);
    const why = part === null ? undefined : joinRefusalOf(definition, scope, part);
    if (why !== undefined) return { ...nothing, guards, why, failure: null };
    const rendered = render(definition, scope);
    return { ...nothing, fires: true, why: 'fires', guards, ...rendered };
  } catch (error) {
    const failure = reasonOf(error);
    return { ...nothing, why: `failed: ${failure}`, failure };
  }
}

function judge(definition: TriggerDefinition, scope: TriggerScope): Judgement {
  const { source, type } = scope.event;
  return judgeDefinition(definition, { source, type, scope: () => scope });
}

/** The judgement of the first part of a join that is not the event its name stands for. */
function refusedPartOf(
  definition: TriggerDefinition,
  { parts = {} }: TriggerScope,
): Exclude<Judgement, { isMatch: true }> | undefined {
  for (const [name, own] of Object.entries(parts)) {
    const judged = judge({ ...definition, when: null }, own);
    if (!judged.isMatch) return { ...judged, why: `${name}: ${judged.why}` };
    const { as } = judged.pattern;
    if (as !== name) return refusal(`${name}: the event is "${as}"`);
  }
  return undefined;
}

/** Why the parts of a join that are there start nothing; undefined = they do. */
function joinRefusalOf(
  definition: TriggerDefinition,
  scope: TriggerScope,
  part: string,
): string | undefined {
  const { parts = { [part]: scope } } = scope;
  const names = definition.on.flatMap(({ as }) => as ?? []);
  const missing = names.filter((name) => !Object.hasOwn(parts, name));
  if (missing.length > 0) return `joined: is "${part}", and waits for ${missing.join(', ')}`;
  const keys = Object.entries(parts).map(([name, own]) => {
    const key = guardKeysOf(definition, own, name)?.join;
    return { key, text: `${name} has ${JSON.stringify(key)}` };
  });
  const areEqual = keys.every(({ key }) => key === keys[0]?.key);
  const told = keys.map(({ text }) => text).join(', ');
  return areEqual ? undefined : `incomplete: the keys differ: ${told}`;
}

/** A run that fires fails only later, when it is rendered. */
function render(
  definition: TriggerDefinition,
  scope: TriggerScope,
): Pick<DryRun, 'action' | 'failure'> {
  try {
    return { action: renderAction(definition, scope), failure: null };
  } catch (error) {
    return { action: null, failure: reasonOf(error) };
  }
}
