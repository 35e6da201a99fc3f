import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { Client, WorkflowStartOptions } from '@temporalio/client';
import { TypedSearchAttributes } from '@temporalio/common';
import type { SearchAttributePair } from '@temporalio/common';
import type { Knex } from 'knex';
import type { Logger } from 'pino';
import { workflowIdOf } from '../domain/cycle.ts';
import { sessionPoke, taskQueues } from '../domain/workflows.ts';
import type { Workflows } from '../domain/workflows.ts';
import type { ImportRow } from '../store/import-tables.ts';
import type { SessionRow } from '../store/session-tables.ts';
import {
  setDeliveriesStarted,
  setImportsStarted,
  setReplayStarted,
  setRunsStarted,
  setSessionsStarted,
} from '../store/starts.ts';
import type { Unstarted } from '../store/starts.ts';
import type { DeliveryRow } from '../store/delivery-tables.ts';
import type { ReplayRow } from '../store/replay-tables.ts';
import type { TriggerRunRow } from '../store/tables.ts';
import { readAgain } from './replay-again.ts';
import type { Again, FindAgain } from './replay-again.ts';
import { searchAttributes } from './search-attributes.ts';

/** A start that takes longer is left to the sweeper: Temporal is away or overloaded. */
const startDeadlineMs = 2000;

/** How many starts may be under way at once; more only queue up in Temporal. */
const startsAtOnce = 32;

/** Starts workflows for rows that are committed. */
export interface Starter {
  /**
   * Start what was committed, and mark what Temporal has.
   *
   * @param again - set by a replay; what it has opened and others start is known by its items
   * @returns false when something could not be started: the sweeper has it from here
   */
  start(work: Partial<Unstarted>, again?: Again): Promise<boolean>;
  /** Waits for the starts that are under way. */
  close(): Promise<void>;
}

export interface StarterParts {
  readonly db: Knex;
  readonly client: Client;
  readonly log: Logger;
  /** The schedule of the deliveries started here, in milliseconds. */
  readonly schedule: readonly number[];
  /** Where the console lives, for the links in Temporal Web UI. */
  readonly publicUrl: string;
}

interface Start<N extends keyof Workflows> {
  readonly name: N;
  readonly id: string;
  readonly input: Parameters<Workflows[N]>[0];
  readonly summary: string;
  /** The address of the thing in the console. */
  readonly path: string;
  readonly attributes: SearchAttributePair[];
  /** Sent to it, also when it runs already; absent = one that runs is left alone. */
  readonly signal?: string;
}

export function makeStarter(parts: StarterParts): Starter {
  const underWay = new Set<Promise<boolean>>();

  async function startAll(work: Unstarted, again?: Again): Promise<boolean> {
    const { db } = parts;
    const { deliveries, runs, replays, sessions, imports } = work;
    const findAgain: FindAgain = again
      ? async () => again
      : await readAgain(parts, [...deliveries, ...runs]);
    const delivered = await startEach(deliveries, (row) =>
      startAgain(parts, ofDelivery(parts, row), () => findAgain(row)),
    );
    const ran = await startEach(runs, (row) => startAgain(parts, ofRun(row), () => findAgain(row)));
    const replayed = await startEach(replays, (row) => startOnce(parts, ofReplay(row)));
    const poked = await startEach(sessions, (row) => startOnce(parts, ofSession(row)));
    const imported = await startEach(imports, (row) => startOnce(parts, ofImport(row)));
    await setDeliveriesStarted(db, delivered);
    await setRunsStarted(db, ran);
    for (const { id } of replayed) await setReplayStarted(db, id);
    await setSessionsStarted(db, poked);
    await setImportsStarted(db, imported);
    const started = [delivered, ran, replayed, poked, imported].flat().length;
    return started === countOf(work);
  }

  return {
    start(all, again) {
      const work = rowsOf(all);
      if (countOf(work) === 0) return Promise.resolve(true);
      const attempt = startAll(work, again).catch((error: unknown) => {
        parts.log.warn({ err: error }, 'Could not start what was committed; the sweeper will');
        return false;
      });
      underWay.add(attempt);
      void attempt.finally(() => underWay.delete(attempt));
      return attempt;
    },
    async close() {
      await Promise.all(underWay);
    },
  };
}

/** Of what was committed the rows alone; what waits in line is started when it is its turn, whoever asks. */
function rowsOf(work: Partial<Unstarted>): Unstarted {
  const { deliveries = [], runs = [], replays = [], sessions = [], imports = [] } = work;
  const next = deliveries.filter((row) => !row.is_in_line);
  return { deliveries: next, runs, replays, sessions, imports };
}

function countOf(work: Unstarted): number {
  return Object.values<readonly unknown[]>({ ...work }).flat().length;
}

/** @returns the rows that Temporal has now; stops at the first that it could not be asked for */
async function startEach<R>(rows: readonly R[], start: (row: R) => Promise<boolean>): Promise<R[]> {
  const started: R[] = [];
  for (let index = 0; index < rows.length; index += startsAtOnce) {
    const slice = rows.slice(index, index + startsAtOnce);
    const outcomes = await Promise.all(slice.map(start));
    started.push(...slice.filter((_, i) => outcomes[i] === true));
    if (outcomes.includes(false)) break;
  }
  return started;
}

/**
 * Start a workflow unless it was started before.
 *
 * A finished workflow counts as started too: by default Temporal would run its id again, and the
 * sweeper would deliver twice.
 *
 * @returns whether Temporal has it now
 */
async function startOnce<N extends keyof Workflows>(
  { client, log, publicUrl }: StarterParts,
  { name, id, input, summary, path, attributes, signal }: Start<N>,
): Promise<boolean> {
  const options: WorkflowStartOptions = {
    workflowId: id,
    workflowIdReusePolicy: 'REJECT_DUPLICATE',
    taskQueue: taskQueues[name],
    args: [input],
    staticSummary: summary,
    staticDetails: `[${id}](${publicUrl}${path})`,
    typedSearchAttributes: new TypedSearchAttributes(attributes),
  };
  try {
    await client.withDeadline(Date.now() + startDeadlineMs, async () => {
      if (signal === undefined) await client.workflow.start(name, options);
      else await client.workflow.signalWithStart(name, { ...options, signal, signalArgs: [] });
    });
    return true;
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return true;
    log.debug({ err: error, workflow: id }, 'Could not start a workflow');
    return false;
  }
}

/** As `startOnce`, of what may repeat an earlier start. */
async function startAgain<N extends 'delivery' | 'triggerRun'>(
  parts: StarterParts,
  start: Start<N>,
  findAgain: () => Promise<Again | undefined>,
): Promise<boolean> {
  try {
    const again = await parts.client.withDeadline(Date.now() + startDeadlineMs, findAgain);
    return await startOnce(parts, repeated(start, again));
  } catch (error) {
    parts.log.debug({ err: error, workflow: start.id }, 'Could not read what a start repeats');
    return false;
  }
}

function ofDelivery(parts: StarterParts, row: DeliveryRow): Start<'delivery'> {
  const schedule = row.schedule_ms ?? parts.schedule;
  return {
    name: 'delivery',
    id: workflowIdOf(row.id, row.cycle),
    input: { deliveryId: row.id, cycle: row.cycle, schedule, ...goingOn(row, schedule) },
    summary: `${row.event_type} → ${row.endpoint_id}`,
    path: `/console/deliveries/${row.id}`,
    attributes: [...commonTo(row), { key: searchAttributes.endpoint, value: row.endpoint_id }],
  };
}

/** One whose workflow is gone goes on after what is recorded of its cycle; it is overdue by then. */
function goingOn(
  { attempt_count: count, last_reason: reason }: DeliveryRow,
  schedule: readonly number[],
): Pick<Start<'delivery'>['input'], 'from'> {
  if (count === 0) return {};
  const isOpen = reason === 'ack_pending';
  return { from: Math.min(isOpen ? count : count + 1, schedule.length) };
}

function ofRun(row: TriggerRunRow): Start<'triggerRun'> {
  return {
    name: 'triggerRun',
    id: workflowIdOf(row.id, row.cycle),
    input: { runId: row.id, cycle: row.cycle, ...(row.is_guarded ? { isGuarded: true } : {}) },
    summary: `${row.trigger} on ${row.event_type}`,
    path: `/console/trigger-runs/${row.id}`,
    attributes: [...commonTo(row), { key: searchAttributes.trigger, value: row.trigger }],
  };
}

function ofReplay(row: ReplayRow): Start<'replay'> {
  return {
    name: 'replay',
    id: row.id,
    input: { replayId: row.id },
    summary: `Replay of ${row.planned}`,
    path: `/console/replays/${row.id}`,
    attributes: [
      { key: searchAttributes.tenant, value: row.tenant_id },
      { key: searchAttributes.replay, value: row.id },
    ],
  };
}

function ofSession(row: SessionRow): Start<'session'> {
  const event = { key: searchAttributes.event, value: row.event_id ?? '' };
  return {
    name: 'session',
    id: row.id,
    input: { sessionId: row.id },
    summary: `Session ${row.name}`,
    path: `/console/sessions/${row.id}`,
    attributes: [
      { key: searchAttributes.tenant, value: row.tenant_id },
      ...(row.event_id === null ? [] : [event]),
    ],
    signal: sessionPoke,
  };
}

function ofImport(row: ImportRow): Start<'importItems'> {
  return {
    name: 'importItems',
    id: row.id,
    input: { importId: row.id },
    summary: `Import from ${row.source}`,
    path: `/console/imports/${row.id}`,
    attributes: [{ key: searchAttributes.tenant, value: row.tenant_id }],
  };
}

/** A repeated start keeps what the first was told, but for the number of its cycle. */
function repeated<N extends 'delivery' | 'triggerRun'>(
  start: Start<N>,
  again: Again | undefined,
): Start<N> {
  if (!again) return start;
  const original = typeof again.original === 'object' ? again.original : {};
  return {
    ...start,
    input: { ...start.input, ...original, cycle: start.input.cycle },
    attributes: [...start.attributes, { key: searchAttributes.replay, value: again.replayId }],
  };
}

function commonTo(row: DeliveryRow | TriggerRunRow): SearchAttributePair[] {
  return [
    { key: searchAttributes.tenant, value: row.tenant_id },
    { key: searchAttributes.event, value: row.event_id },
    { key: searchAttributes.eventType, value: row.event_type },
  ];
}
