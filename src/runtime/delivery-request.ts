import type { Knex } from 'knex';
import { listEndpointSecrets } from '../store/endpoints.ts';
import type { EndpointSecretRow } from '../store/delivery-tables.ts';
import type { Sealer } from './sealing.ts';
import { isSigningKey, signEd25519, signPlatform, signStandard } from './signature.ts';

/** What the POST of an attempt is made from. */
export interface DeliveryRequestParts {
  /** The delivery's; the same in every attempt and every cycle. */
  readonly webhookId: string;
  readonly eventType: string;
  readonly body: Buffer;
  readonly traceparent: string | null;
  /** Newest first, shared ones and private keys; each signs once in each header that it fits. */
  readonly secrets: readonly string[];
  readonly userAgent: string;
  /** Counted from 1 in its cycle. */
  readonly number: number;
  readonly startedAt: Date;
}

/**
 * The headers of an attempt, signatures included. The same parts make the same headers: what was
 * sent can be shown later.
 */
export function deliveryHeaders(parts: DeliveryRequestParts): Record<string, string> {
  const { webhookId: id, body, secrets } = parts;
  const timestamp = timestampOf(parts.startedAt);
  const standard = secrets.map((secret) =>
    (isSigningKey(secret) ? signEd25519 : signStandard)(secret, { id, timestamp, body }),
  );
  const shared = secrets.filter((secret) => !isSigningKey(secret));
  const platform = shared.map((secret) => signPlatform(secret, timestamp, body));
  return {
    'content-type': 'application/json',
    'user-agent': parts.userAgent,
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': standard.join(' '),
    'x-webhook-timestamp': timestamp,
    'x-webhook-signature': platform.join(','),
    'x-webhook-event': parts.eventType,
    'x-webhook-attempt': String(parts.number),
    ...(parts.traceparent !== null && { traceparent: parts.traceparent }),
  };
}

/** Unix seconds, as `webhook-timestamp` has them. */
export function timestampOf(startedAt: Date): string {
  return String(Math.floor(startedAt.getTime() / 1000));
}

/** The secrets of an endpoint that sign at this moment, opened, newest first. */
export async function openEndpointSecrets(
  { db, sealer }: { readonly db: Knex; readonly sealer: Sealer },
  endpointId: string,
  at: Date,
): Promise<string[]> {
  return openAll(sealer, await listEndpointSecrets(db, endpointId, at));
}

/**
 * The secrets that signed at a moment of the past. One that was made later did not; a second is
 * left for the clocks of two machines.
 */
export async function openSecretsOfThen(
  { db, sealer }: { readonly db: Knex; readonly sealer: Sealer },
  endpointId: string,
  then: Date,
): Promise<string[]> {
  const rows = await listEndpointSecrets(db, endpointId, then);
  const latest = then.getTime() + 1000;
  return openAll(
    sealer,
    rows.filter(({ created_at }) => created_at.getTime() <= latest),
  );
}

function openAll(sealer: Sealer, rows: readonly EndpointSecretRow[]): string[] {
  return rows.map((row) => sealer.open(row.id, row.sealed));
}
