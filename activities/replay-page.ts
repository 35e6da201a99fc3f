import { heartbeat, sleep } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import type { Knex } from 'knex';
import { workflowIdOf } from '../src/domain/cycle.ts';
import type { ReplayPageInput, ReplayPageResult } from '../src/domain/activities.ts';
import type { ReplayState } from '../src/domain/replay.ts';
import { readInput } from '../src/runtime/history.ts';
import type { Starter } from '../src/runtime/starter.ts';
import { findDelivery } from '../src/store/deliveries.ts';
import { openForReplay } from '../src/store/replay-items.ts';
import type { Opened, Replayable } from '../src/store/replay-items.ts';
import { findReplay } from '../src/store/replays.ts';
import { listReplayPage } from '../src/store/replay-selection.ts';
import type { ReplayRow } from '../src/store/replay-tables.ts';
import { findTriggerRun } from '../src/store/trigger-runs.ts';

/** A page is what the rate does in this time: the workflow hears of it a few times a minute. */
const pageSeconds = 10;

/** A page that turns out slower ends here: well within the activity's time. */
const pageMaxMs = 20_000;

/** A handful of starts at once reaches the highest rates; more would take the pool from deliveries. */
const atOnceMax = 8;

/** Up to this many per second are started one by one: a start takes some 20 ms. */
const oneByOneRate = 20;

export interface ReplayParts {
  readonly db: Knex;
  readonly client: Client;
  readonly starter: Starter;
}

/**
 * Start one page of a replay again, at its rate. Safe to repeat: what this replay has opened before
 * is skipped.
 */
export async function replayPage(
  parts: ReplayParts,
  { replayId, after }: ReplayPageInput,
): Promise<ReplayPageResult> {
  const { db } = parts;
  const replay = await findReplay(db, replayId);
  if (!replay) throw new Error(`There is no replay "${replayId}"`);
  const hold = holdOf(replay.state);
  if (hold) return { next: after, hold };
  const limit = replay.rate * pageSeconds;
  const page = await listReplayPage(db, replay, { after, limit });
  const { passed, isStopped } = await startPage(parts, replay, page);
  const next = page[passed - 1]?.id ?? after;
  // Whether it is paused or has ended, or is going again by now: the next page finds out.
  if (isStopped) return { next, hold: 'paused' };
  const isLast = passed === page.length && page.length < limit;
  return { next: isLast ? null : next };
}

function holdOf(state: ReplayState): ReplayPageResult['hold'] {
  if (state === 'paused') return 'paused';
  return state === 'pending' || state === 'running' ? undefined : 'ended';
}

interface PassedItems {
  /** How many items, from the first on, need no other look: not all when it was stopped or slow. */
  readonly passed: number;
  readonly isStopped: boolean;
}

async function startPage(
  parts: ReplayParts,
  replay: Pick<ReplayRow, 'id' | 'rate' | 'revision'>,
  page: readonly Replayable[],
): Promise<PassedItems> {
  const endsAt = performance.now() + pageMaxMs;
  let { rate } = replay;
  let passed = 0;
  while (passed < page.length && performance.now() < endsAt) {
    heartbeat();
    const begunAt = performance.now();
    const atOnce = Math.min(Math.ceil(rate / oneByOneRate), atOnceMax);
    const slice = page.slice(passed, passed + atOnce);
    const outcomes = await Promise.all(slice.map((item) => startAgain(parts, replay, item)));
    const stop = outcomes.findIndex(({ kind }) => kind === 'stopped');
    if (stop !== -1) return { passed: passed + stop, isStopped: true };
    passed += slice.length;
    const opened = outcomes.filter((outcome) => outcome.kind === 'opened');
    rate = opened.at(-1)?.rate ?? rate;
    // Also after the last one, else each page would begin with a start too early.
    await sleep(Math.max(0, (opened.length * 1000) / rate - (performance.now() - begunAt)));
  }
  return { passed, isStopped: false };
}

/** The original input with the new cycle's number; where the history is gone, what the row says. */
async function startAgain(
  { db, client, starter }: ReplayParts,
  { id: replayId, revision }: Pick<ReplayRow, 'id' | 'revision'>,
  item: Replayable,
): Promise<Opened> {
  const original = await readInput(client, workflowIdOf(item.id, item.from));
  const origin = original === undefined ? 'row' : 'history';
  const opened = await openForReplay(db, replayId, { item, origin, revision });
  if (opened.kind !== 'opened') return opened;
  const again = { replayId, original };
  if (item.id.startsWith('dlv_')) {
    const row = await findDelivery(db, item.id);
    if (row) await starter.start({ deliveries: [row] }, again);
  } else {
    const row = await findTriggerRun(db, item.id);
    if (row) await starter.start({ runs: [row] }, again);
  }
  return opened;
}
