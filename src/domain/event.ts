/**
 * Whose the dedupe id of an outbound event is: the platform's (`emit`), the tenant's own event id
 * (`own`) or a claimed Idempotency-Key's (`key`). The same text in two of them is two ids.
 */
export type DedupeSpace = 'emit' | 'own' | 'key';

/** A fact, inbound or outbound, immutable once recorded. */
export interface Event {
  /** `evt_` + UUIDv7 in hex; the instant in it is `receivedAt`. */
  readonly id: string;
  readonly tenantId: string;
  readonly direction: 'inbound' | 'outbound';
  /** The name of the channel it came through, or `platform`. */
  readonly source: string;
  readonly type: string;
  readonly integrationId: string | null;
  readonly dedupeId: string | null;
  /** Of an outbound event's dedupe id; absent = `emit`. */
  readonly dedupeSpace?: DedupeSpace;
  readonly receivedAt: Date;
  readonly contentType: string | null;
  /** Lower-case names; secrets replaced by `***`. */
  readonly headers: Readonly<Record<string, string>>;
  readonly query: string;
  readonly body: Uint8Array;
  /** W3C trace context that the sender gave, handed on to consumers. */
  readonly traceparent: string | null;
  /** How many events stand between it and the first of its chain; absent = it is the first. */
  readonly depth?: number;
}
