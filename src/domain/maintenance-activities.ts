/** What the workflow of maintenance asks for, one after another; each is safe to repeat. */
export interface MaintenanceActivities {
  /**
   * Hold rows that say that work is under way against Temporal, and give each the state that is true.
   *
   * Looks at a bounded number of rows, and goes on from there the next time.
   */
  reconcile(): Promise<Reconciled>;

  /** Drop what is old, a day at a time; within an hour of the last time nothing is done. */
  retain(): Promise<void>;
}

/** What a pass of the reconciler came to, in rows. */
export interface Reconciled {
  /** Of these the workflow was asked for. */
  readonly checked: number;
  /** Their workflow had ended: they have its end now. */
  readonly ended: number;
  /** Temporal knew none of theirs: it is started again. */
  readonly restarted: number;
  /** Their workflow has ended in a way that tells nothing of theirs: left as they are. */
  readonly left: number;
}
