/**
 * The id of the workflow that runs one cycle of a delivery or trigger run: the row's id, and from
 * the second cycle on `<id>-c<cycle>`.
 */
export function workflowIdOf(id: string, cycle: number): string {
  return cycle === 1 ? id : `${id}-c${cycle}`;
}

/** The reverse of `workflowIdOf`. */
export function cycleOf(workflowId: string): { readonly id: string; readonly cycle: number } {
  const match = /^(.+)-c([1-9]\d{0,8})$/.exec(workflowId);
  const [, id, cycle] = match ?? [];
  if (id === undefined || cycle === undefined) return { id: workflowId, cycle: 1 };
  return { id, cycle: Number(cycle) };
}
