/** The name of an export is the workflow's name in Temporal: never rename one that may be running. */
export { delivery } from './delivery.ts';
export { replay } from './replay.ts';
export { importItems } from './import-items.ts';
export { maintenance } from './maintenance.ts';
export { session } from './session.ts';
export { triggerRun } from './trigger-run.ts';
export * from './automations/index.ts';
