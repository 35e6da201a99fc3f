/** A text that is tried, and the trigger that it is a text of: undefined while it is no trigger yet. */
export interface Tried {
  readonly id: string | undefined;
  readonly text: string;
}
