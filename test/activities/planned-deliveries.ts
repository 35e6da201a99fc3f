import { randomBytes } from 'node:crypto';
import type { Knex } from 'knex';
import type { AttemptParts } from '../../activities/attempt.ts';
import { makeHttpClient } from '../../activities/http.ts';
import { makeTokens } from '../../activities/oauth-tokens.ts';
import { makeAckTokens } from '../../src/runtime/ack-token.ts';
import { makeEgress } from '../../src/runtime/egress.ts';
import { makeId } from '../../src/runtime/ids.ts';
import { makeSealer } from '../../src/runtime/sealing.ts';
import type { Sealer } from '../../src/runtime/sealing.ts';
import { recordAttempts } from '../../src/store/attempts.ts';
import type { DeliveryRow, EndpointRow } from '../../src/store/delivery-tables.ts';
import { recordEndpoint } from '../../src/store/endpoints.ts';
import { ensureTenant } from '../../src/store/tenants.ts';
import { startConsumer } from '../support/consumer.ts';
import type { Consumer } from '../support/consumer.ts';
import { freshDatabase } from '../support/database.ts';
import { turnParts } from '../support/turns.ts';

/** Deliveries under way to a real consumer, whose attempts a test makes one by one. */
export interface PlannedDeliveries {
  readonly db: Knex;
  readonly consumer: Consumer;
  readonly sealer: Sealer;
  /** What attempts are made with; each has tokens of its own. */
  makeParts(record?: AttemptParts['record']): AttemptParts;
  /** An endpoint at a path of the consumer, whose secret is `signingSecret`. */
  addEndpoint(path: string, over?: Partial<EndpointRow>): Promise<string>;
  /** An event and its delivery, which has been started. */
  addDelivery(endpointId: string, over?: Partial<DeliveryRow>): Promise<string>;
  close(): Promise<void>;
}

/** Signs for every endpoint. */
const signingSecret = 'whsec_c2VjcmV0';

export async function openPlannedDeliveries(tenant: string): Promise<PlannedDeliveries> {
  const db = await freshDatabase();
  const consumer = await startConsumer();
  const { id: tenantId } = await ensureTenant(db, tenant, makeId('ten'));
  const http = makeHttpClient(makeEgress(['127.0.0.0/8']));
  const sealer = makeSealer(randomBytes(32));
  const ackTokens = makeAckTokens(randomBytes(32), 'https://durahook.example');

  async function recordOne(record: Parameters<AttemptParts['record']>[0]) {
    const [end = { isParked: false }] = await recordAttempts(db, [record]);
    return end;
  }

  return {
    db,
    consumer,
    sealer,
    makeParts(record = recordOne) {
      const settings = { timeoutMs: 2000, userAgent: 'Durahook/test', record };
      const own = { db, http, sealer, ackTokens, tokens: makeTokens(http), ...turnParts(db) };
      return { ...own, ...settings };
    },
    async addEndpoint(path, over = {}) {
      const [id, secretId] = [makeId('ep'), makeId('sec')];
      const url = `${consumer.url}${path}`;
      await recordEndpoint(
        db,
        { id, tenant_id: tenantId, url, description: null, event_types: ['*'] },
        { id: secretId, sealed: sealer.seal(secretId, signingSecret) },
      );
      if (Object.keys(over).length > 0) await db('endpoints').where({ id }).update(over);
      return id;
    },
    addDelivery: (endpoint_id, over) =>
      addDelivery(db, { tenant_id: tenantId, endpoint_id, ...over }),
    async close() {
      await http.close();
      await consumer.close();
      await db.destroy();
    },
  };
}

async function addDelivery(
  db: Knex,
  row: Partial<DeliveryRow> & Pick<DeliveryRow, 'tenant_id' | 'endpoint_id'>,
): Promise<string> {
  const at = new Date();
  const [id, event_id] = [makeId('dlv', at), makeId('evt', at)];
  const event_type = 'session.archived';
  await db('events').insert({
    id: event_id,
    tenant_id: row.tenant_id,
    direction: 'outbound',
    source: 'platform',
    type: event_type,
    content_type: 'application/json',
    headers: {},
    query: '',
    body: Buffer.from('{"data":{}}'),
    received_at: at,
  });
  await db('deliveries').insert({
    id,
    event_id,
    event_type,
    state: 'pending',
    cycle: 1,
    attempt_count: 0,
    created_at: at,
    start_after: at,
    started_at: at,
    ...row,
  });
  return id;
}
