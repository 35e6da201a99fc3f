import type { Client } from '@temporalio/client';
import type { Knex } from 'knex';
import { workflowIdOf } from '../domain/cycle.ts';
import type { DeliveryRow } from '../store/delivery-tables.ts';
import { listReplayedCycles } from '../store/replay-starts.ts';
import type { TriggerRunRow } from '../store/tables.ts';
import { isObject } from './body.ts';
import { readInput } from './history.ts';

/** A start that repeats an earlier one. */
export interface Again {
  readonly replayId: string;
  /** The input of the workflow of the cycle before; undefined = its history is gone. */
  readonly original: unknown;
}

/**
 * What the workflow of the cycle before was told, but for the attempt that it was to begin with.
 *
 * @param from - the cycle before
 * @returns undefined where its history is gone, or tells of something else: the row says it then
 */
export async function findOriginal(
  client: Client,
  { id, from }: { readonly id: string; readonly from: number },
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const input = await readInput(client, workflowIdOf(id, from));
  if (!isObject(input) || (input['deliveryId'] ?? input['runId']) !== id) return undefined;
  return Object.fromEntries(Object.entries(input).filter(([name]) => name !== 'from'));
}

type Started = DeliveryRow | TriggerRunRow;

/** How rows that are started repeat an earlier start; undefined for one that no replay has opened. */
export type FindAgain = (row: Started) => Promise<Again | undefined>;

/** Asks which replays have opened the cycles of some rows, as a starter does that is not the replay itself. */
export async function readAgain(
  { db, client }: { readonly db: Knex; readonly client: Client },
  rows: readonly Started[],
): Promise<FindAgain> {
  const replayed = await listReplayedCycles(db, rows);
  return async ({ id, cycle }) => {
    const opened = replayed.get(id);
    if (!opened) return undefined;
    const isKept = opened.origin === 'history';
    const original = isKept ? await findOriginal(client, { id, from: cycle - 1 }) : undefined;
    return { replayId: opened.replay_id, original };
  };
}
