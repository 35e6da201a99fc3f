/** What one trigger file says, checked and ready to be matched. Expressions are kept as source. */
export interface TriggerDefinition {
  readonly name: string;
  readonly description: string | null;
  /** The events it is about: any of them starts a run, or with `join` one of each does. */
  readonly on: readonly EventPattern[];
  readonly join: Join | null;
  /** A CEL expression that gives a bool; null = always. With `join` it is asked once all are there. */
  readonly when: string | null;
  /** Of events with one key only the first within the time starts something. */
  readonly dedupe: { readonly key: string; readonly forMs: number } | null;
  /** Of events with one key only the last starts something, once none came for the time. */
  readonly debounce: { readonly key: string | null; readonly forMs: number } | null;
  readonly concurrency: Concurrency | null;
  /** At most `limit` runs of one key begin in any `perMs`; the others wait. */
  readonly throttle: {
    readonly key: string | null;
    readonly limit: number;
    readonly perMs: number;
  } | null;
  readonly action: TriggerAction;
  /** For each attempt of the action. */
  readonly timeoutMs: number | null;
  readonly retry: RetryPolicy | null;
  /** `shadow`: evaluated and recorded, nothing is started. */
  readonly mode: 'active' | 'shadow';
}

export interface EventPattern {
  /** A channel, or `events`: what this platform publishes itself. */
  readonly source: string;
  /** Exact types or globs (`pull_request.*`, `*`). */
  readonly events: readonly string[];
  /** Its name in a join; null outside of one. */
  readonly as: string | null;
  /** Only in a join: the condition on this event alone. */
  readonly when: string | null;
}

/** One event of each pattern, with one key, within a time. */
export interface Join {
  /** By the name of each pattern: a CEL expression that gives its key. */
  readonly by: Readonly<Record<string, string>>;
  readonly withinMs: number;
}

/** At most `limit` runs of one key at a time. */
export interface Concurrency {
  /** Null = one lane for all of the trigger. */
  readonly key: string | null;
  readonly limit: number;
  readonly onBusy: OnBusy;
}

/** What becomes of a run whose lane is full: it waits for its turn, is skipped, or takes the place of those before. */
export const onBusyChoices = ['queue', 'skip', 'replace'] as const;
export type OnBusy = (typeof onBusyChoices)[number];

export interface RetryPolicy {
  /** With the first. */
  readonly attempts: number;
  /** Before the second; doubled before each further one. */
  readonly backoffMs: number;
}

/** Exactly one of the things a trigger may do. */
export type TriggerAction =
  | { readonly kind: 'workflow'; readonly name: string; readonly with: TriggerInput }
  | {
      readonly kind: 'session';
      readonly name: string;
      /** A CEL expression: events with one key reach one session; null = each its own. */
      readonly key: string | null;
      readonly with: TriggerInput;
    }
  | { readonly kind: 'emit'; readonly type: string; readonly with: TriggerInput }
  | {
      readonly kind: 'forward';
      readonly url: string;
      /** Sent as JSON; null = the event's body as it came. */
      readonly with: TriggerInput | null;
    };

/** Values in which a string may hold `${{ … }}`; a whole-value one keeps its type. */
export type TriggerInput = Readonly<Record<string, unknown>>;

/** A revision of a trigger that is active in this process. */
export interface ActiveTrigger {
  readonly id: string;
  readonly tenantId: string;
  readonly revision: number;
  readonly definition: TriggerDefinition;
}

/** What expressions see of one event. */
export interface EventScope {
  readonly event: {
    readonly id: string;
    readonly source: string;
    readonly type: string;
    readonly tenant_id: string;
    readonly received_at: string;
    readonly attempt: number;
    readonly replay: boolean;
  };
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
}

/** What expressions see: the event, and in a join every part by its name. */
export interface TriggerScope extends EventScope {
  readonly parts?: Readonly<Record<string, EventScope>>;
  /** What expressions of endpoints call `data`: that of a published event. */
  readonly data?: unknown;
}

/** The keys under which a run is guarded, as text; null where its trigger has no such guard. */
export interface GuardKeys {
  readonly dedupe: string | null;
  readonly debounce: string | null;
  readonly concurrency: string | null;
  readonly throttle: string | null;
  readonly join: string | null;
  /** Which part of a join its event is. */
  readonly part: string | null;
}

/** A run to be made. `failure` is set when an expression could not be evaluated: the run is born failed. */
export interface PlannedRun {
  readonly triggerId: string;
  readonly trigger: string;
  readonly revision: number;
  readonly failure: string | null;
  /** Born skipped: the trigger only watches. */
  readonly isShadow: boolean;
  /** Null = nothing holds it. */
  readonly guards: GuardKeys | null;
}
