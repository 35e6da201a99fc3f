import type { Knex } from 'knex';
import { makeId } from '../../src/runtime/ids.ts';
import { attemptsOf, recordAttempts } from '../../src/store/attempts.ts';
import type { AttemptRecord } from '../../src/store/attempts.ts';
import type { DeliveryRow, EndpointRow } from '../../src/store/delivery-tables.ts';

/** When the first attempt of these tests is made. */
export const begun = new Date('2026-01-31T12:00:00.000Z');

/** An endpoint of the tenant `ten_1`. */
export async function addEndpoint(db: Knex, over: Partial<EndpointRow> = {}): Promise<EndpointRow> {
  const id = makeId('ep');
  const row = { id, tenant_id: 'ten_1', url: `https://example.com/${id}`, ...over };
  const [endpoint] = await db('endpoints')
    .insert({ event_types: ['*'], state: 'enabled', ...row })
    .returning('*');
  if (!endpoint) throw new Error('No endpoint');
  return endpoint;
}

/** A delivery that is under way. Answers its id. */
export async function addDelivery(
  db: Knex,
  { id: endpoint_id }: EndpointRow,
  over: Partial<DeliveryRow> = {},
): Promise<string> {
  const at = new Date();
  const id = makeId('dlv', at);
  await db('deliveries').insert({
    id,
    tenant_id: 'ten_1',
    event_id: makeId('evt', at),
    event_type: 'session.created',
    endpoint_id,
    state: 'pending',
    cycle: 1,
    created_at: at,
    start_after: at,
    started_at: at,
    ...over,
  });
  return id;
}

interface Made {
  readonly deliveryId?: string;
  readonly reason?: string | null;
  readonly startedAt?: Date;
  readonly number?: number;
}

/** An attempt that has failed, unless `reason` is null. */
export async function attemptOf(
  db: Knex,
  endpoint: EndpointRow,
  made: Made = {},
): Promise<AttemptRecord> {
  const { reason = 'timeout', startedAt = begun, number = 1 } = made;
  const attempt = {
    ...attemptsOf(made.deliveryId ?? (await addDelivery(db, endpoint))),
    cycle: 1,
    number,
    started_at: startedAt,
    duration_ms: 100,
    status: reason === 'status' ? 500 : null,
    reason,
    response_headers: {},
    response_body: Buffer.alloc(0),
    retry_after_ms: null,
  };
  const state = reason === null ? 'delivered' : 'retrying';
  return { attempt, endpoint, state, nextAttemptAt: null };
}

/** Attempts that fail, in one transaction. */
export async function fail(
  db: Knex,
  endpoint: EndpointRow,
  { times, ...made }: Made & { readonly times: number },
): Promise<void> {
  const records = await Promise.all(
    Array.from({ length: times }, () => attemptOf(db, endpoint, made)),
  );
  await recordAttempts(db, records);
}

/** An attempt that is delivered, a second after the first. */
export async function deliver(db: Knex, endpoint: EndpointRow, made: Made = {}): Promise<void> {
  const startedAt = new Date(begun.getTime() + 1000);
  await recordAttempts(db, [await attemptOf(db, endpoint, { startedAt, ...made, reason: null })]);
}
