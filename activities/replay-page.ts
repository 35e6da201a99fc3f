import { heartbeat } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import type { Knex } from 'knex';
import { workflowIdOf } from '../src/domain/cycle.ts';
import type { ReplayPageInput, ReplayPageResult } from '../src/domain/activities.ts';
import { readInput } from '../src/runtime/history.ts';
import type { Starter } from '../src/runtime/starter.ts';
import { findDelivery } from '../src/store/deliveries.ts';
import { openForReplay } from '../src/store/replay-items.ts';
import type { Replayable } from '../src/store/replay-items.ts';
import { findReplay, listReplayPage } from '../src/store/replays.ts';
import { findTriggerRun } from '../src/store/trigger-runs.ts';

/** Small enough to be done within the activity's time even when each start is slow. */
const pageRows = 100;

export interface ReplayParts {
  readonly db: Knex;
  readonly client: Client;
  readonly starter: Starter;
}

/**
 * Start one page of a replay again. Safe to repeat: what this replay has opened before is skipped.
 */
export async function replayPage(
  parts: ReplayParts,
  { replayId, after }: ReplayPageInput,
): Promise<ReplayPageResult> {
  const { db } = parts;
  const replay = await findReplay(db, replayId);
  if (!replay) throw new Error(`There is no replay "${replayId}"`);
  const page = await listReplayPage(db, replay, { after, limit: pageRows });
  for (const item of page) {
    heartbeat(item.id);
    await startAgain(parts, replayId, item);
  }
  return { next: page.length < pageRows ? null : (page.at(-1)?.id ?? null) };
}

/** The original input with the new cycle's number; where the history is gone, what the row says. */
async function startAgain(
  { db, client, starter }: ReplayParts,
  replayId: string,
  item: Replayable,
): Promise<void> {
  const original = await readInput(client, workflowIdOf(item.id, item.from));
  const origin = original === undefined ? 'row' : 'history';
  const cycle = await openForReplay(db, replayId, { item, origin });
  if (cycle === undefined) return;
  const again = { replayId, original };
  if (item.id.startsWith('dlv_')) {
    const row = await findDelivery(db, item.id);
    if (row) await starter.start({ deliveries: [row] }, again);
  } else {
    const row = await findTriggerRun(db, item.id);
    if (row) await starter.start({ runs: [row] }, again);
  }
}
