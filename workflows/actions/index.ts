import type { LoadedRun } from '../../src/domain/activities.ts';
import type { TriggerAction } from '../../src/domain/trigger.ts';
import { emit } from './emit.ts';
import { forward } from './forward.ts';
import { session } from './session.ts';
import { workflow } from './workflow.ts';

type ActionOf<K extends TriggerAction['kind']> = Extract<TriggerAction, { kind: K }>;

/** What a trigger may do: one file each, one line here. */
const actions: {
  [K in TriggerAction['kind']]: (run: LoadedRun, action: ActionOf<K>) => Promise<void>;
} = {
  emit,
  forward,
  session,
  workflow,
};

export async function runAction(run: LoadedRun): Promise<void> {
  const { action } = run;
  switch (action.kind) {
    case 'emit':
      return actions.emit(run, action);
    case 'forward':
      return actions.forward(run, action);
    case 'session':
      return actions.session(run, action);
    case 'workflow':
      return actions.workflow(run, action);
  }
}
