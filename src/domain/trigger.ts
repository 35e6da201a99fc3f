/** What one trigger file says, checked and ready to be matched. Expressions are kept as source. */
export interface TriggerDefinition {
  readonly name: string;
  readonly description: string | null;
  readonly source: string;
  /** Exact types or globs (`pull_request.*`, `*`). */
  readonly events: readonly string[];
  /** A CEL expression that gives a bool; null = always. */
  readonly when: string | null;
  readonly action: TriggerAction;
}

/** Exactly one of the things a trigger may do. */
export type TriggerAction =
  | { readonly kind: 'workflow'; readonly name: string; readonly with: TriggerInput }
  | { readonly kind: 'emit'; readonly type: string; readonly with: TriggerInput };

/** Values in which a string may hold `${{ … }}`; a whole-value one keeps its type. */
export type TriggerInput = Readonly<Record<string, unknown>>;

/** A revision of a trigger that is active in this process. */
export interface ActiveTrigger {
  readonly id: string;
  readonly tenantId: string;
  readonly revision: number;
  readonly definition: TriggerDefinition;
}

/** What expressions see of an event. */
export interface TriggerScope {
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

/** A run to be made. `failure` is set when `when` could not be evaluated: the run is born failed. */
export interface PlannedRun {
  readonly triggerId: string;
  readonly trigger: string;
  readonly revision: number;
  readonly failure: string | null;
}
