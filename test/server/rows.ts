import { makeId } from '../../src/runtime/ids.ts';
import type { DeliveryRow } from '../../src/store/delivery-tables.ts';
import type { EventRow, TriggerRunRow } from '../../src/store/tables.ts';
import type { ServedApi } from './served-api.ts';

/** A delivery of the tenant of `call`, pending and long since started. Answers its id. */
export async function addDelivery(
  api: ServedApi,
  over: Partial<DeliveryRow> = {},
): Promise<string> {
  const at = new Date();
  const row: DeliveryRow = {
    id: makeId('dlv', at),
    tenant_id: api.tenantId,
    event_id: makeId('evt', at),
    event_type: 'session.created',
    endpoint_id: 'ep_1',
    state: 'pending',
    cycle: 1,
    attempt_count: 0,
    next_attempt_at: null,
    last_status: null,
    last_reason: null,
    created_at: at,
    start_after: at,
    started_at: at,
    ended_at: null,
    order_key: null,
    is_in_line: false,
    schedule_ms: null,
    replay_of: null,
    ...over,
  };
  await api.db('deliveries').insert(row);
  return row.id;
}

/** A trigger run of that tenant that has succeeded. Answers its id. */
export async function addRun(api: ServedApi, over: Partial<TriggerRunRow> = {}): Promise<string> {
  const at = new Date();
  const row: TriggerRunRow = {
    id: makeId('run', at),
    tenant_id: api.tenantId,
    event_id: makeId('evt', at),
    event_type: 'pull_request.opened',
    trigger_id: 'trg_1',
    trigger: 'review',
    revision: 1,
    state: 'succeeded',
    reason: null,
    is_guarded: false,
    cycle: 1,
    created_at: at,
    start_after: at,
    started_at: at,
    ended_at: at,
    ...over,
  };
  await api.db('trigger_runs').insert(row);
  return row.id;
}

/** An inbound event of that tenant. Answers its id. */
export async function addEvent(api: ServedApi, over: Partial<EventRow> = {}): Promise<string> {
  const received_at = new Date();
  const row: EventRow = {
    id: makeId('evt', received_at),
    tenant_id: api.tenantId,
    direction: 'inbound',
    source: 'github',
    type: 'push',
    integration_id: null,
    dedupe_id: null,
    content_type: 'application/json',
    headers: {},
    query: '',
    body: Buffer.from('{}'),
    traceparent: null,
    depth: 0,
    received_at,
    payload_dropped_at: null,
    payload_dropped_for: null,
    ...over,
  };
  await api.db('events').insert(row);
  return row.id;
}

/** An endpoint of that tenant, made through the API: it takes every type. Answers its id. */
export async function addEndpoint(api: ServedApi): Promise<string> {
  const { body } = await api.call('POST', '/v1/endpoints', {
    url: 'https://example.com/hook',
    event_types: ['*'],
  });
  return String(body['id']);
}
