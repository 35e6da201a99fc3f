import type { Knex } from 'knex';
import {
  countReplay,
  listNewestOfReplay,
  previewReplay,
  sampleMax,
  typesMax,
} from '../store/replay-selection.ts';
import type { ReplayPreview, ReplaySample, ReplaySearch } from '../store/replay-selection.ts';
import { judgeFirst, makeJudge } from './replay-judgement.ts';
import type { Judge, Verdict } from './replay-judgement.ts';

/** Of more rows than these, or when it takes longer, the number is reckoned from the newest of them. */
const judgedMax = 50_000;
const judgedMaxMs = 10_000;

const pageSize = 200;

/** What a replay made now would do. */
export interface ReplayPlan extends ReplayPreview {
  /** Rows that its expressions are asked about; without any, those planned. */
  readonly candidates: number;
  /** Whether `planned` was reckoned from a part of the candidates; `perType` then counts that part. */
  readonly isEstimated: boolean;
  /** Of those looked at, how many are failures from the start: an expression has no value for them. */
  readonly failures: number;
}

/**
 * How many rows a replay made now would start again, and which. Each of them is judged when there is
 * an expression: up to 50,000 and for about 10 s.
 */
export async function planReplay(db: Knex, search: ReplaySearch): Promise<ReplayPlan> {
  const judge = makeJudge(search.filter);
  if (judge) return judgeAll(db, search, judge);
  const preview = await previewReplay(db, search);
  return { ...preview, candidates: preview.planned, isEstimated: false, failures: 0 };
}

interface Tally {
  seen: number;
  matched: number;
  failures: number;
  readonly sample: ReplaySample[];
  readonly types: Map<string, number>;
}

async function judgeAll(db: Knex, search: ReplaySearch, judge: Judge): Promise<ReplayPlan> {
  const candidates = await countReplay(db, search);
  const tally: Tally = { seen: 0, matched: 0, failures: 0, sample: [], types: new Map() };
  const endsAt = performance.now() + judgedMaxMs;
  let before: string | undefined;
  for (;;) {
    const isOver = tally.seen >= judgedMax || performance.now() > endsAt;
    const page = await listNewestOfReplay(db, search, { before, limit: isOver ? 1 : pageSize });
    if (page.length === 0) return toPlan(tally, tally.seen);
    if (isOver) return toPlan(tally, candidates);
    const asked = page.map(({ event_id: eventId }) => ({ eventId }));
    const verdicts = await judgeFirst(db, judge, asked);
    for (const [index, verdict] of verdicts.entries()) count(tally, page[index], verdict);
    before = page[verdicts.length - 1]?.id;
  }
}

function count(tally: Tally, row: ReplaySample | undefined, verdict: Verdict): void {
  tally.seen += 1;
  if (!row || verdict === 'other') return;
  tally.matched += 1;
  if (verdict !== 'match') tally.failures += 1;
  if (tally.sample.length < sampleMax) tally.sample.push(row);
  tally.types.set(row.event_type, (tally.types.get(row.event_type) ?? 0) + 1);
}

/** @param candidates - as many as were looked at, when that was all of them */
function toPlan(tally: Tally, candidates: number): ReplayPlan {
  const { seen, matched, failures, sample, types } = tally;
  const isEstimated = candidates !== seen;
  const planned = isEstimated ? Math.round((matched / seen) * candidates) : matched;
  const perType = [...types]
    .map(([event_type, count]) => ({ event_type, count }))
    .toSorted((a, b) => b.count - a.count || (a.event_type < b.event_type ? -1 : 1))
    .slice(0, typesMax);
  return { planned, candidates, isEstimated, failures, sample, perType };
}
