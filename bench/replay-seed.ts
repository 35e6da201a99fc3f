import type { Knex } from 'knex';
import { makeId } from '../src/runtime/ids.ts';
import { ensurePartitions } from '../src/store/partitions.ts';

/** Over how long before now the rows lie. */
const spanMs = 600_000;

/** Rows of one statement. */
const batchRows = 1000;

/** Dead deliveries of an endpoint that are to be replayed. */
export interface DeadDeliveries {
  readonly tenantId: string;
  readonly endpointId: string;
  readonly count: number;
}

/** Fill an endpoint with deliveries that have died, each of an event of its own and with its dead letter. */
export async function seedDead(db: Knex, seed: DeadDeliveries): Promise<void> {
  const from = Date.now() - spanMs;
  await ensurePartitions(db, new Date(from), 1);
  for (let first = 0; first < seed.count; first += batchRows) {
    const length = Math.min(batchRows, seed.count - first);
    const instants = Array.from({ length }, (_, index) => {
      const share = (first + index) / seed.count;
      return new Date(from + Math.floor(share * (spanMs - 1000)));
    });
    await insertBatch(db, seed, instants);
  }
}

async function insertBatch(
  db: Knex,
  { tenantId, endpointId }: DeadDeliveries,
  instants: readonly Date[],
): Promise<void> {
  const type = 'session.archived';
  const events = instants.map((received_at) => {
    const id = makeId('evt', received_at);
    const body = { type, timestamp: received_at.toISOString(), data: { session_id: id }, id };
    return {
      id,
      tenant_id: tenantId,
      direction: 'outbound' as const,
      source: 'platform',
      type,
      content_type: 'application/json',
      headers: {},
      query: '',
      body: Buffer.from(JSON.stringify(body)),
      received_at,
    };
  });
  const deliveries = events.map(({ id, received_at }) =>
    deadRow({ tenantId, endpointId, eventId: id, type, at: received_at }),
  );
  await db('events').insert(events);
  await db('deliveries').insert(deliveries);
  await db('failed_cycles').insert(deliveries.map(letterOf));
}

interface Dead {
  readonly tenantId: string;
  readonly endpointId: string;
  readonly eventId: string;
  readonly type: string;
  readonly at: Date;
}

function deadRow({ tenantId, endpointId, eventId, type, at }: Dead) {
  return {
    id: makeId('dlv', at),
    tenant_id: tenantId,
    event_id: eventId,
    event_type: type,
    endpoint_id: endpointId,
    state: 'dead' as const,
    attempt_count: 5,
    last_status: 503,
    last_reason: 'status',
    created_at: at,
    start_after: at,
    started_at: at,
    ended_at: at,
  };
}

function letterOf(delivery: ReturnType<typeof deadRow>) {
  const { id, tenant_id, event_id, event_type, endpoint_id, created_at: died_at } = delivery;
  const cycle = { id, kind: 'delivery' as const, subject_id: id, cycle: 1, reason: 'status 503' };
  return { ...cycle, tenant_id, event_id, event_type, endpoint_id, died_at };
}
