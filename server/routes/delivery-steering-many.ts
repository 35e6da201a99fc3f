import type { Knex } from 'knex';
import { refusalOf } from '../../src/domain/steering.ts';
import type { SteeringMove } from '../../src/domain/steering.ts';
import { lockBriefly } from '../../src/store/brief-locks.ts';
import type { DeliveryRow } from '../../src/store/delivery-tables.ts';
import { listEndpointUrls } from '../../src/store/endpoint-urls.ts';
import {
  claimDeliveries,
  countSteerable,
  listNamedDeliveries,
  listSteerable,
  setRedrivenDeliveries,
} from '../../src/store/steering.ts';
import type { Steerable } from '../../src/store/steering.ts';
import type { Call } from '../route.ts';
import { isId, recordBulk } from './bulk-audit.ts';
import { callMax, needConfirm } from './dead-letter-settlement.ts';
import { toDelivery } from './delivery-answer.ts';
import { readDeliveryCursor, toDeliveryFilter, writeDeliveryCursor } from './delivery-filter.ts';
import type { DeliveryFilterQuery } from './delivery-filter.ts';
import type { Steering } from './delivery-steering.ts';

const sampleMax = 5;

/** Which deliveries a call is about: either `ids` or a `filter`. */
export interface SteerBody {
  readonly ids?: string[] | undefined;
  readonly filter?: DeliveryFilterQuery | undefined;
  readonly confirm?: number | undefined;
  readonly cursor?: string | undefined;
  readonly reason?: string | undefined;
  readonly dry_run: boolean;
}

type SteerCall = Call<unknown, SteerBody>;

/** Changes deliveries of a tenant by their ids, each once. */
export interface BulkSteering<S extends string> {
  readonly move: SteeringMove;
  /** What becomes of each. */
  readonly state: S;
  readonly run: (
    tx: Knex,
    call: Pick<SteerCall, 'tenantId' | 'actor' | 'body'> & { readonly ids: readonly string[] },
  ) => Promise<Moved>;
}

interface Moved {
  /** The rows as they were. */
  readonly before: readonly DeliveryRow[];
  /** The ids of those that were changed. */
  readonly done: ReadonlySet<string>;
  /** By their ids, what there is to say of some, whether they were changed or not. */
  readonly notes?: ReadonlyMap<string, string>;
}

interface Result<S> {
  readonly id: string;
  readonly state: S | 'refused';
  readonly reason?: string;
}

export interface Steered<S> {
  readonly matched: number;
  readonly remaining: number;
  readonly next_cursor: string | null;
  readonly results: Result<S>[];
}

/** The bulk of a move that locks what it changes. */
export function bulkOf<S extends string>({ move, act }: Steering, state: S): BulkSteering<S> {
  return {
    move,
    state,
    async run(tx, { tenantId, ids }) {
      const before = await claimDeliveries(tx, tenantId, ids);
      const possible = before.filter((row) => refusalOf(move, row) === undefined);
      await act(tx, possible);
      return { before, done: new Set(possible.map(({ id }) => id)) };
    },
  };
}

/** Its dead letters are locked first, and what it changes has ended: nobody records its attempts. */
export const redriving: BulkSteering<'redriven'> = {
  move: 'redrive',
  state: 'redriven',
  async run(tx, { tenantId, actor, body, ids }) {
    const before = await listNamedDeliveries(tx, tenantId, ids);
    const ended = before.filter((row) => refusalOf('redrive', row) === undefined);
    const { redriven, notes } = await setRedrivenDeliveries(tx, ended, {
      by: actor,
      reason: body.reason,
    });
    return { before, done: redriven, notes };
  },
};

/** What would be changed: how many, and the oldest of them. */
export async function previewSteering(db: Knex, { tenantId, body }: SteerCall, move: SteeringMove) {
  if (body.ids) {
    const rows = await listNamedDeliveries(db, tenantId, body.ids.filter(isId));
    const possible = rows.filter((row) => refusalOf(move, row) === undefined);
    return { matched: possible.length, sample: await sampleOf(db, possible) };
  }
  const wanted = wantedOf(move, body);
  const matched = await countSteerable(db, tenantId, wanted);
  return {
    matched,
    sample: await sampleOf(db, await listSteerable(db, tenantId, { ...wanted, limit: sampleMax })),
  };
}

async function sampleOf(db: Knex, rows: readonly DeliveryRow[]) {
  const shown = rows.slice(0, sampleMax);
  const ids = shown.map(({ endpoint_id: id }) => id);
  const urls = await listEndpointUrls(db, ids);
  return shown.map((row) => toDelivery(row, urls.get(row.endpoint_id) ?? null));
}

/**
 * Change what a call names, with the entry of the audit log in the same transaction.
 *
 * @throws Problem `confirm-needed`, or `invalid-request` for a cursor of another filter
 */
export async function steerMany<S extends string>(
  db: Knex,
  call: SteerCall,
  steering: BulkSteering<S>,
): Promise<Steered<S>> {
  const { tenantId, body } = call;
  if (body.ids) {
    const ids = [...new Set(body.ids)];
    return change(db, call, { steering, ids, rest: { remaining: 0, next_cursor: null } });
  }
  const wanted = wantedOf(steering.move, body);
  // What is listed is what was counted: one that comes to match in between is not confirmed.
  const { matched, rows } = await atOneMoment(db, async (tx) => ({
    matched: await countSteerable(tx, tenantId, wanted),
    rows: await listSteerable(tx, tenantId, { ...wanted, limit: callMax }),
  }));
  if (wanted.after === undefined) needConfirm(matched, body.confirm, 'deliveries');
  const remaining = rows.length < callMax ? 0 : Math.max(0, matched - callMax);
  const last = remaining > 0 ? rows.at(-1) : undefined;
  const next_cursor = last
    ? writeDeliveryCursor(steering.move, wanted.asked, { after: last.id, until: wanted.until })
    : null;
  const ids = rows.map(({ id }) => id);
  return change(db, call, { steering, ids, matched, rest: { remaining, next_cursor } });
}

/** Queries that see the same rows, whatever is written meanwhile. */
async function atOneMoment<T>(db: Knex, read: (tx: Knex) => Promise<T>): Promise<T> {
  return db.transaction(read, { isolationLevel: 'repeatable read', readOnly: true });
}

interface Piece<S extends string> {
  readonly steering: BulkSteering<S>;
  readonly ids: readonly string[];
  /** As many as were changed when absent. */
  readonly matched?: number;
  readonly rest: Pick<Steered<S>, 'remaining' | 'next_cursor'>;
}

async function change<S extends string>(
  db: Knex,
  call: SteerCall,
  { steering, ids, rest, ...piece }: Piece<S>,
): Promise<Steered<S>> {
  return lockBriefly(db, async (tx) => {
    const { before, done, notes } = await steering.run(tx, { ...call, ids: ids.filter(isId) });
    const rows = new Map(before.map((row) => [row.id, row]));
    const results = ids.map((id) =>
      toResult(steering, { id, isDone: done.has(id), row: rows.get(id), note: notes?.get(id) }),
    );
    const outcome = { matched: piece.matched ?? done.size, ...rest, results };
    await recordBulk(tx, call, {
      action: `delivery.${steering.move}`,
      state: steering.state,
      outcome,
      known: rows,
      reason: call.body.reason,
    });
    return outcome;
  });
}

/** What a filter matches until now: a bulk ends although what comes after it may match too. */
function wantedOf(
  move: SteeringMove,
  { filter = {}, cursor }: SteerBody,
): Steerable & { readonly asked: Steerable['filter']; readonly until: Date } {
  const asked = toDeliveryFilter(filter);
  const place = readDeliveryCursor(move, asked, cursor);
  const until = place?.until ?? new Date(Date.now() + 1);
  const to = asked.to && asked.to < until ? asked.to : until;
  return { move, filter: { ...asked, to }, after: place?.after, asked, until };
}

/** What is known of an id that was asked for. */
interface Looked {
  readonly id: string;
  readonly isDone: boolean;
  readonly row: DeliveryRow | undefined;
  readonly note: string | undefined;
}

function toResult<S extends string>(
  { move, state }: BulkSteering<S>,
  { id, isDone, row, note }: Looked,
): Result<S> {
  if (isDone) return note === undefined ? { id, state } : { id, state, reason: note };
  if (!row) return { id, state: 'refused', reason: 'not found' };
  const reason = refusalOf(move, row)?.reason ?? note ?? 'went on meanwhile';
  return { id, state: 'refused', reason };
}
