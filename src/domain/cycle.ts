/**
 * The id of the workflow that runs one cycle of a delivery or trigger run: the row's id, and from
 * the second cycle on `<id>-c<cycle>`.
 */
export function workflowIdOf(id: string, cycle: number): string {
  return cycle === 1 ? id : `${id}-c${cycle}`;
}
