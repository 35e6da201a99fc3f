/** What the shipped automations ask of the outside world; `activities/automations/` implements it. */
export interface AutomationActivities {
  /** Ask the agent at `AGENT_URL` for a review. May be repeated: a review changes nothing. */
  askForReview(pullRequest: PullRequest): Promise<Review>;

  /** Write an issue into the table `issues`, newest state wins. Safe to repeat. */
  keepIssue(input: {
    readonly tenantId: string;
    readonly issue: TrackedIssue;
  }): Promise<{ readonly count: number; readonly errors: readonly string[] }>;
}

/** The trigger's `with` for `reviewPullRequest`; what is not named here goes to the agent as it is. */
export interface PullRequest {
  readonly pr_url: string;
  readonly [fact: string]: unknown;
}

export interface Review {
  readonly report_url: string;
  readonly issues_found: number;
}

/** The trigger's `with` for `importIssues`. */
export interface TrackedIssue {
  readonly source: string;
  readonly repository: string;
  readonly number: number;
  readonly title: string;
  readonly state: string;
  readonly url: string;
}
