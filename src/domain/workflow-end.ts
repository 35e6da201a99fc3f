/** How Temporal says that a workflow ended; `gone` = it knows none of that id. */
export type WorkflowEnd =
  | { readonly kind: 'completed'; readonly result: unknown }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'timed_out' | 'terminated' | 'cancelled' | 'gone' };

/** The end of a cycle that its workflow did not write itself, with the reason for a person. */
export interface TrueEnd {
  /** `completed` = the row says what with. */
  readonly state: 'failed' | 'cancelled' | 'completed';
  readonly reason: string;
}

/** What the end of a workflow makes of what it worked on; `undefined` while nothing is known of it. */
export function trueEndOf(end: WorkflowEnd): TrueEnd | undefined {
  switch (end.kind) {
    case 'completed':
      return { state: 'completed', reason: 'completed in Temporal' };
    case 'failed':
      return { state: 'failed', reason: end.reason };
    case 'timed_out':
      return { state: 'failed', reason: 'timed_out' };
    case 'terminated':
      return { state: 'cancelled', reason: 'terminated in Temporal' };
    case 'cancelled':
      return { state: 'cancelled', reason: 'cancelled in Temporal' };
    case 'gone':
      return undefined;
  }
}

/** The outcome that the result of a workflow names, as `delivered`; `undefined` = it names none. */
export function outcomeOf(result: unknown): string | undefined {
  const isNamed = typeof result === 'object' && result !== null && 'outcome' in result;
  return isNamed && typeof result.outcome === 'string' ? result.outcome : undefined;
}
