/**
 * The id of the workflow that runs one cycle of a delivery or trigger run: the row's id, and from
 * the second cycle on `<id>-c<cycle>`.
 */
export function workflowIdOf(id: string, cycle: number): string {
  return cycle === 1 ? id : `${id}-c${cycle}`;
}

/** States in which a cycle has ended, so that the next one may be opened: nothing of it is under way. */
export const endedDeliveryStates = ['delivered', 'dead', 'parked', 'cancelled', 'skipped'] as const;
export const endedRunStates = ['succeeded', 'failed', 'cancelled', 'skipped'] as const;
