import type { Knex } from 'knex';
import { datedIds } from '../domain/id.ts';
import type { EndpointRow } from './delivery-tables.ts';

/** What may be sent again: a dead letter, a delivery or a trigger run. */
export interface Redrivable {
  readonly id: string;
  readonly event_id: string;
  /** Of a run there is none. */
  readonly endpoint_id?: string | null;
}

/** What is to be known before a redrive, each by the id of what was asked for. */
export interface RedriveNotes {
  /** Why a next cycle could only end without an attempt. */
  readonly refused: ReadonlyMap<string, string>;
  /** Why the next cycle does not go at once. */
  readonly waiting: ReadonlyMap<string, string>;
}

/** What keeps things from being sent again, as it is now. */
export async function listRedriveNotes(
  db: Knex,
  wanted: readonly Redrivable[],
): Promise<RedriveNotes> {
  const endpoints = await listStopped(db, wanted);
  const bare = await listBare(db, wanted);
  const refused = new Map<string, string>();
  const waiting = new Map<string, string>();
  for (const { id, event_id, endpoint_id } of wanted) {
    const endpoint = endpoints.get(endpoint_id ?? '');
    const refusal = bare.has(event_id) ? 'the payload of its event is gone' : refusalAt(endpoint);
    if (refusal !== undefined) refused.set(id, refusal);
    else if (endpoint) waiting.set(id, 'waits for its endpoint, which is paused');
  }
  return { refused, waiting };
}

type Stopped = Pick<EndpointRow, 'id' | 'state' | 'deleted_at'>;

function refusalAt(endpoint: Stopped | undefined): string | undefined {
  if (!endpoint) return undefined;
  if (endpoint.deleted_at !== null) return 'its endpoint is deleted';
  return endpoint.state === 'disabled' ? 'its endpoint is disabled: enable it first' : undefined;
}

/** Their endpoints that take nothing now. */
async function listStopped(
  db: Knex,
  wanted: readonly Redrivable[],
): Promise<ReadonlyMap<string, Stopped>> {
  const ids = new Set(wanted.flatMap(({ endpoint_id: id }) => id ?? []));
  const rows = await db('endpoints')
    .whereRaw('id = any(?)', [[...ids]])
    .whereRaw(`(state <> 'enabled' or deleted_at is not null)`)
    .select('id', 'state', 'deleted_at');
  return new Map(rows.map((row) => [row.id, row]));
}

/** Those of their events whose payload was dropped. */
async function listBare(db: Knex, wanted: readonly Redrivable[]): Promise<ReadonlySet<string>> {
  const { ids, first, last } = datedIds(wanted.map(({ event_id: id }) => id));
  const rows = await db('events')
    .whereRaw('id = any(?)', [ids])
    .whereBetween('received_at', [first, last])
    .whereNotNull('payload_dropped_at')
    .select('id');
  return new Set(rows.map(({ id }) => id));
}
