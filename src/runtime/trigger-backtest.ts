import { setImmediate } from 'node:timers/promises';
import type { Knex } from 'knex';
import type { TriggerDefinition } from '../domain/trigger.ts';
import { listEvents } from '../store/event-list.ts';
import type { EventFilter, ListedEvent } from '../store/event-list.ts';
import type { EventRow, TriggerRunRow } from '../store/tables.ts';
import { listRunsOfEvents } from '../store/trigger-runs.ts';
import { listWholeEvents } from '../store/whole-events.ts';
import { dryRunTrigger } from './trigger-dry-run.ts';
import type { DryRun } from './trigger-dry-run.ts';
import { matchedSource, planOf } from './trigger-planning.ts';
import { scopeOf } from './trigger-scope.ts';

/** A person waits for the answer: what is not judged by then is left out. */
const budgetMs = 5000;
const eventsMax = 2000;

/** Bodies of one page are in memory at once: 25 MiB of them. */
const pageSize = 25;
const bodyMaxBytes = 1_048_576;

/** More than a person reads. */
const differencesMax = 100;

export interface BacktestRequest {
  readonly tenantId: string;
  /** The text to judge by. */
  readonly definition: TriggerDefinition;
  /** The trigger whose runs it is held against; undefined = there is none yet. */
  readonly trigger:
    | { readonly id: string; readonly definition: TriggerDefinition | undefined }
    | undefined;
  /** The first instant that is in. */
  readonly from: Date;
  /** The first instant that is out. */
  readonly to: Date;
}

/** What a text would have made of events, against the runs that there are. */
export interface Backtest {
  /** How many were looked at: those of the sources that the text, or the trigger of today, names. */
  readonly events: number;
  /** Of them, those that would make a run, one that is born failed too. */
  readonly wouldFire: number;
  /** Those that have a run. */
  readonly fired: number;
  readonly both: number;
  readonly onlyWould: number;
  readonly onlyDid: number;
  /** Of `wouldFire`, those of which an expression has no value. */
  readonly failures: number;
  /** Larger than 1 MiB: not judged, and in none of the counts above but the first. */
  readonly skippedLarge: number;
  /** There are more events than were looked at. */
  readonly isCut: boolean;
  /** The newest hundred. */
  readonly differences: readonly Difference[];
}

export interface Difference {
  readonly event: Pick<ListedEvent, 'id' | 'type' | 'received_at'>;
  readonly would: boolean;
  readonly did: Pick<TriggerRunRow, 'id' | 'state'> | null;
  readonly why: string;
  readonly decisive: DryRun['decisive'];
}

type Tally = { -readonly [K in keyof Backtest]: Backtest[K] } & { differences: Difference[] };

/**
 * Judge the events of a timeframe by a text, the newest first, as the ingress would have, and hold
 * that against the runs of the trigger. Starts nothing, stores nothing.
 *
 * At most 2,000 events and about 5 s; other requests are served between two events.
 */
export async function backtestTrigger(db: Knex, request: BacktestRequest): Promise<Backtest> {
  const tally = emptyTally();
  const sources = sourcesOf(request);
  const filter = { ...filterOf(sources), from: request.from, to: request.to };
  const endsAt = performance.now() + budgetMs;
  let cursor: string | undefined;
  for (;;) {
    const page = await listEvents(db, request.tenantId, {
      filter,
      page: { limit: Math.min(pageSize, eventsMax - tally.events || 1), cursor },
    });
    if (page.length === 0) return tally;
    const judged = page.filter(({ source }) => sources.includes(matchedSource(source)));
    const isOver = tally.events >= eventsMax || performance.now() > endsAt;
    if (isOver || !(await judgePage(db, { ...request, tally, endsAt }, judged))) {
      return { ...tally, isCut: true };
    }
    cursor = page.at(-1)?.id;
  }
}

function emptyTally(): Tally {
  return {
    events: 0,
    wouldFire: 0,
    fired: 0,
    both: 0,
    onlyWould: 0,
    onlyDid: 0,
    failures: 0,
    skippedLarge: 0,
    isCut: false,
    differences: [],
  };
}

/** As `on.source` names them: what the trigger was about counts too, for what fires no more. */
function sourcesOf({ definition, trigger }: BacktestRequest): string[] {
  const patterns = [...definition.on, ...(trigger?.definition?.on ?? [])];
  return [...new Set(patterns.map(({ source }) => source))];
}

/** One source has an index of its own; of several, those of the others are passed over. */
function filterOf(sources: readonly string[]): Pick<EventFilter, 'source'> {
  const [source] = sources;
  if (source === undefined || sources.length > 1) return {};
  return { source: source === 'events' ? 'platform' : source };
}

/** @returns whether all of the page were looked at before the time was over */
async function judgePage(
  db: Knex,
  request: BacktestRequest & { readonly tally: Tally; readonly endsAt: number },
  page: readonly ListedEvent[],
): Promise<boolean> {
  const { tally, tenantId, trigger, endsAt } = request;
  const small = page.filter(isSmall);
  const whole = new Map((await listWholeEvents(db, small)).map((event) => [event.id, event]));
  const eventIds = small.map(({ id }) => id);
  const runs =
    trigger && (await listRunsOfEvents(db, tenantId, { triggerId: trigger.id, eventIds }));
  const runOf = new Map(runs?.map((run) => [run.event_id, run]));
  for (const listed of page) {
    if (performance.now() > endsAt) return false;
    tally.events += 1;
    if (!isSmall(listed)) tally.skippedLarge += 1;
    const event = whole.get(listed.id); // Without one its day was dropped in between.
    if (event) judgeEvent(request, event, runOf.get(listed.id));
    await setImmediate();
  }
  return true;
}

function isSmall({ body_bytes: size }: ListedEvent): boolean {
  return size <= bodyMaxBytes;
}

function judgeEvent(
  { definition, tally }: { definition: TriggerDefinition; tally: Tally },
  event: EventRow,
  run: TriggerRunRow | undefined,
): void {
  const scope = () => scopeOf(event, { attempt: 1, isReplay: false });
  const trigger = { id: '', tenantId: event.tenant_id, revision: 0, definition };
  const planned = planOf(trigger, event, scope);
  const would = planned !== undefined;
  const did = run !== undefined;
  tally.wouldFire += Number(would);
  tally.fired += Number(did);
  tally.both += Number(would && did);
  tally.onlyWould += Number(would && !did);
  tally.onlyDid += Number(did && !would);
  tally.failures += Number(would && planned.failure !== null);
  if (would === did || tally.differences.length >= differencesMax) return;
  const { why, decisive } = dryRunTrigger(definition, scope());
  tally.differences.push({ event, would, did: run ?? null, why, decisive });
}
