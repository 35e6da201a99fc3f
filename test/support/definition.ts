import type { PlannedRun, TriggerDefinition } from '../../src/domain/trigger.ts';

/** A trigger that starts the automation `x` for every push of GitHub, but for what is told otherwise. */
export function definitionWith(over: Partial<TriggerDefinition> = {}): TriggerDefinition {
  return {
    name: 'review',
    description: null,
    on: [{ source: 'github', events: ['push'], as: null, when: null }],
    join: null,
    when: null,
    dedupe: null,
    debounce: null,
    concurrency: null,
    throttle: null,
    action: { kind: 'workflow', name: 'x', with: {} },
    timeoutMs: null,
    retry: null,
    mode: 'active',
    ...over,
  };
}

/** What `on` says for one channel. */
export function onEvents(source: string, events: readonly string[]): TriggerDefinition['on'] {
  return [{ source, events, as: null, when: null }];
}

/** A run that is to be made, held by nothing. */
export function plannedRun(over: Partial<PlannedRun> = {}): PlannedRun {
  return {
    triggerId: 'trg_1',
    trigger: 'review',
    revision: 1,
    failure: null,
    isShadow: false,
    guards: null,
    ...over,
  };
}
