import { heartbeat, sleep } from '@temporalio/activity';
import type { ReplayPageInput, ReplayPageResult } from '../src/domain/activities.ts';
import { readFilter } from '../src/domain/replay.ts';
import type { ReplayState } from '../src/domain/replay.ts';
import { judgeFirst, makeJudge } from '../src/runtime/replay-judgement.ts';
import type { Judge } from '../src/runtime/replay-judgement.ts';
import { findReplay } from '../src/store/replays.ts';
import type { Opened } from '../src/store/replay-items.ts';
import { listReplayPage } from '../src/store/replay-selection.ts';
import type { Replayable } from '../src/store/replay-selection.ts';
import type { ReplayRow } from '../src/store/replay-tables.ts';
import { startItem } from './replay-start.ts';
import type { JudgedItem, ReplayParts } from './replay-start.ts';

/** A page is what the rate does in this time: the workflow hears of it a few times a minute. */
const pageSeconds = 10;

/** A page that turns out slower ends here: well within the activity's time. */
const pageMaxMs = 20_000;

/** Where an expression decides most rows may be passed over: a page of them is not worth its round. */
const judgedPageMin = 2000;

/** A handful of starts at once reaches the highest rates; more would take the pool from deliveries. */
const atOnceMax = 8;

/** Up to this many per second are started one by one: a start takes some 20 ms. */
const oneByOneRate = 20;

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
  const judge = makeJudge(readFilter(replay.filter));
  const limit = Math.max(replay.rate * pageSeconds, judge ? judgedPageMin : 0);
  const page = await listReplayPage(db, replay, { after, limit });
  const { passed, isStopped } = await startPage(parts, { replay, judge, page });
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

/** How fast it goes, and until when. */
interface Pace {
  /** Items per second, as the replay's row said last. */
  rate: number;
  readonly endsAt: number;
}

interface Page {
  readonly replay: ReplayRow;
  readonly judge: Judge | undefined;
  readonly page: readonly Replayable[];
}

async function startPage(parts: ReplayParts, { replay, judge, page }: Page): Promise<PassedItems> {
  const pace = { rate: replay.rate, endsAt: performance.now() + pageMaxMs };
  let passed = 0;
  while (passed < page.length && (passed === 0 || performance.now() < pace.endsAt)) {
    heartbeat();
    const rest = page.slice(passed);
    const verdicts = judge && (await judgeFirst(parts.db, judge, rest));
    const items = rest
      .slice(0, verdicts?.length)
      .map((item, index) => ({ item, verdict: verdicts?.[index] ?? 'match' }) as const);
    const started = await startItems(parts, { replay, items, pace });
    passed += started.passed;
    if (started.isStopped) return { passed, isStopped: true };
  }
  return { passed, isStopped: false };
}

interface Judged {
  readonly replay: ReplayRow;
  readonly items: readonly JudgedItem[];
  readonly pace: Pace;
}

async function startItems(
  parts: ReplayParts,
  { replay, items, pace }: Judged,
): Promise<PassedItems> {
  const wanted = items.flatMap((each, index) =>
    each.verdict === 'other' ? [] : [{ ...each, index }],
  );
  let at = 0;
  // Some of them also when judging took all the time: a page that passes nothing would be the last.
  while (at < wanted.length && (at === 0 || performance.now() < pace.endsAt)) {
    heartbeat();
    const begunAt = performance.now();
    const atOnce = Math.min(Math.ceil(pace.rate / oneByOneRate), atOnceMax);
    const slice = wanted.slice(at, at + atOnce);
    const outcomes = await Promise.all(slice.map((each) => startItem(parts, replay, each)));
    const stop = outcomes.findIndex(({ kind }) => kind === 'stopped');
    if (stop !== -1) return { passed: slice[stop]?.index ?? 0, isStopped: true };
    at += slice.length;
    await keepPace(pace, outcomes, begunAt);
  }
  return { passed: wanted[at]?.index ?? items.length, isStopped: false };
}

/** Rest until the rate allows the next ones: also after the last, else each page would begin too early. */
async function keepPace(pace: Pace, outcomes: readonly Opened[], begunAt: number): Promise<void> {
  const opened = outcomes.filter((outcome) => outcome.kind === 'opened');
  pace.rate = opened.at(-1)?.rate ?? pace.rate;
  await sleep(Math.max(0, (opened.length * 1000) / pace.rate - (performance.now() - begunAt)));
}
