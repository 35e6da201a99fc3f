import type { Answers } from '../../../src/client/index.ts';

export type Trigger = Answers['Trigger'];

/** `broken` while its file has a mistake, whether or not an earlier revision still fires; `inactive` once its file is gone. */
export function stateOf(
  trigger: Pick<Trigger, 'is_active' | 'problem'>,
): 'active' | 'broken' | 'inactive' {
  if (trigger.problem !== null) return 'broken';
  return trigger.is_active ? 'active' : 'inactive';
}
