/**
 * The id of the workflow that runs one cycle of a delivery or trigger run: the row's id, and from
 * the second cycle on `<id>-c<cycle>`.
 */
export function workflowIdOf(id: string, cycle: number): string {
  return cycle === 1 ? id : `${id}-c${cycle}`;
}

/** What a workflow's id names: `workflowIdOf`, the other way; `undefined` for no id of a cycle. */
export function cycleOfWorkflow(
  workflowId: string,
): { readonly id: string; readonly cycle: number } | undefined {
  const [, id, cycle = '1'] = /^([a-z]+_\w+)(?:-c([1-9]\d{0,8}))?$/.exec(workflowId) ?? [];
  if (id === undefined) return undefined;
  const found = { id, cycle: Number(cycle) };
  return workflowIdOf(id, found.cycle) === workflowId ? found : undefined;
}

/** States in which a cycle has ended, so that the next one may be opened: nothing of it is under way. */
export const endedDeliveryStates = ['delivered', 'dead', 'parked', 'cancelled', 'skipped'] as const;
export const endedRunStates = ['succeeded', 'failed', 'cancelled', 'skipped'] as const;
