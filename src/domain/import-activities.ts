/** What the workflow of an import asks of the outside world. */
export interface ImportActivities {
  /** Take what is not yet taken of an import, tell its end, and answer its counts. Safe to repeat. */
  takeImport(input: {
    readonly importId: string;
  }): Promise<{ readonly count: number; readonly errors: number }>;
}
