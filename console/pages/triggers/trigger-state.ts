import type { Answers } from '../../../src/client/index.ts';

export type Trigger = Answers['Trigger'];

export const triggerStates = ['active', 'quarantined', 'broken', 'disabled', 'inactive'] as const;

/**
 * `quarantined` while the platform holds it; `broken` while its file has a mistake, whether or not an earlier revision
 * still fires; `disabled` by a person; `inactive` once its file is gone.
 */
export function stateOf(
  trigger: Pick<Trigger, 'is_active' | 'problem' | 'quarantine' | 'origin'>,
): (typeof triggerStates)[number] {
  if (trigger.quarantine !== null) return 'quarantined';
  if (trigger.problem !== null) return 'broken';
  if (trigger.is_active) return 'active';
  return trigger.origin === 'api' ? 'disabled' : 'inactive';
}
