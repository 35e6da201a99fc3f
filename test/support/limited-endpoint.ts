import type { Knex } from 'knex';
import { makeId } from '../../src/runtime/ids.ts';
import type { EndpointRow } from '../../src/store/delivery-tables.ts';
import { askTurns } from '../../src/store/delivery-turns.ts';
import type { TurnAnswer, TurnAnswers } from '../../src/store/delivery-turns.ts';
import { recordEndpoint } from '../../src/store/endpoints.ts';
import { ensureTenant } from '../../src/store/tenants.ts';
import { leaveTurns } from '../../src/store/turn-queue.ts';
import type { TurnCycle } from '../../src/store/turn-queue.ts';

export type Limits = Partial<Pick<EndpointRow, 'rate_limit' | 'in_flight_max'>>;

/** An endpoint with deliveries, and a clock of its own: seconds after `begunAt`. */
export interface Limited {
  readonly endpoint: EndpointRow;
  readonly deliveries: readonly TurnCycle[];
  readonly ask: (index: number, atS: number) => Promise<TurnAnswer & Pick<TurnAnswers, 'called'>>;
  readonly askAll: (indexes: readonly number[], atS: number) => Promise<TurnAnswers>;
  readonly leave: (index: number, atS: number) => Promise<readonly string[]>;
  readonly set: (limits: Limits) => Promise<void>;
  /** The numbers of the deliveries of some cycles. */
  readonly numbersOf: (cycles: readonly { readonly id: string }[]) => number[];
}

const begunAt = Date.now();

export async function limitEndpoint(db: Knex, count: number, limits: Limits): Promise<Limited> {
  const { id: tenantId } = await ensureTenant(db, 'limited', makeId('ten'));
  const [id, secretId] = [makeId('ep'), makeId('sec')];
  const row = { id, tenant_id: tenantId, url: 'https://x.example/', description: null };
  await recordEndpoint(
    db,
    { ...row, event_types: ['*'] },
    { id: secretId, sealed: Buffer.from('x') },
  );
  const [written] = await db('endpoints')
    .where({ id })
    .update({ url: row.url, ...limits })
    .returning('*');
  if (!written) throw new Error('The endpoint was not written');
  let endpoint = written;
  const deliveries = await addDeliveries(db, { endpointId: id, tenantId, count });
  const at = (seconds: number) => async () => begunAt + seconds * 1000;
  const of = (index: number): TurnCycle => deliveries[index] ?? { id: 'none', cycle: 0 };
  const askAll = (indexes: readonly number[], atS: number) =>
    askTurns(db, { deliveries: indexes.map(of), endpoint, placeMs: 12_000 }, at(atS));
  return {
    endpoint,
    deliveries,
    async ask(index, atS) {
      const { answers, called } = await askAll([index], atS);
      return { waitMs: -1, reason: null, ...answers[0], called };
    },
    askAll,
    leave: async (index, atS) =>
      (await leaveTurns(db, [of(index)], at(atS))).map((turn) => turn.id),
    async set(changed) {
      await db('endpoints').where({ id }).update(changed);
      endpoint = { ...endpoint, ...changed };
    },
    numbersOf: (cycles) =>
      cycles.map((cycle) => deliveries.findIndex((delivery) => delivery.id === cycle.id)),
  };
}

async function addDeliveries(
  db: Knex,
  { endpointId, tenantId, count }: { endpointId: string; tenantId: string; count: number },
): Promise<TurnCycle[]> {
  const at = new Date();
  const ids = Array.from({ length: count }, () => makeId('dlv', at));
  await db('deliveries').insert(
    ids.map((id) => ({
      id,
      tenant_id: tenantId,
      event_id: makeId('evt', at),
      event_type: 'session.created',
      endpoint_id: endpointId,
      state: 'pending' as const,
      created_at: at,
      start_after: at,
    })),
  );
  return ids.map((id) => ({ id, cycle: 1 }));
}
