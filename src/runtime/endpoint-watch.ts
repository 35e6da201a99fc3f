import type { Knex } from 'knex';
import type { Logger } from 'pino';
import { Problem } from '../domain/problem.ts';
import { recordAudit } from '../store/audit-log.ts';
import { isConnectionLoss } from '../store/connection-loss.ts';
import { claimOpenDeadLetters, setRedriven } from '../store/dead-letter-settling.ts';
import type { ClaimedDeadLetter, OpenDeadLetters } from '../store/dead-letter-settling.ts';
import type { OperationalNoticeRow } from '../store/endpoint-health-tables.ts';
import { deleteNotice, listNotices } from '../store/operational-notices.ts';
import { listDueOutages, stepOutage } from '../store/outages.ts';
import {
  deleteUnused,
  disableFailing,
  isAllWell,
  findNow,
  listRecovered,
  listRedrivenLately,
  recordStages,
  setRecovered,
} from '../store/recoveries.ts';
import type { RecoveredRow } from '../store/recoveries.ts';
import { makeId } from './ids.ts';
import type { Publish } from './publish.ts';

/** Between two looks: as long as a step in which held deliveries are let go takes. */
const watchEveryMs = 1000;

/** How long an operational event is refused before it is given up: a server of another release may know its type. */
const refusedForMs = 3_600_000;

/** How many dead letters one transaction redrives. */
const redriveBatch = 200;

/** Looks after endpoints that fail: tells of them, probes them, and lets go what waits for them. */
export interface EndpointWatch {
  close(): Promise<void>;
}

export interface EndpointWatchParts {
  readonly db: Knex;
  readonly log: Logger;
  readonly publish: Publish;
  /** Starts what was let go; called after the commit. */
  readonly wake: () => void;
  /** Before the first probe of an outage. */
  readonly probeIntervalMs: number;
}

/** Any number of servers may watch at once: each step is taken once, each event is published once. */
export function watchEndpoints(parts: EndpointWatchParts): EndpointWatch {
  let look: Promise<void> = Promise.resolve();
  let isLooking = false;
  const timer = setInterval(() => {
    if (isLooking) return;
    isLooking = true;
    look = lookAfterEndpoints(parts)
      .catch((error: unknown) => {
        parts.log.warn({ err: error }, 'Could not look after endpoints that fail');
      })
      .finally(() => {
        isLooking = false;
      });
  }, watchEveryMs);
  return {
    async close() {
      clearInterval(timer);
      await look;
    },
  };
}

/**
 * One look: everything that is due now. While no endpoint fails it costs one query. What goes wrong in
 * one step, or with one endpoint, keeps no other back and is due again at the next look. Safe to repeat.
 */
export async function lookAfterEndpoints(parts: EndpointWatchParts): Promise<void> {
  const { db } = parts;
  if (await isAllWell(db)) return;
  await apart(parts, 'forget endpoints that are gone', () => deleteUnused(db));
  await apart(parts, 'note which endpoints fail', () => recordStages(db));
  await apart(parts, 'disable endpoints that fail', () => disableFailing(db));
  await apart(parts, 'look for outages', () => stepOutages(parts));
  await apart(parts, 'look for recoveries', () => settleAllRecovered(parts));
  await apart(parts, 'publish operational events', () => publishNotices(parts));
}

/** Do something whose failure is told and harms nothing else. */
async function apart(
  { log }: EndpointWatchParts,
  what: string,
  act: () => Promise<void>,
): Promise<void> {
  await act().catch((error: unknown) => log.warn({ err: error }, `Could not ${what}`));
}

async function stepOutages(parts: EndpointWatchParts): Promise<void> {
  const { db, wake, probeIntervalMs } = parts;
  let count = 0;
  for (const id of await listDueOutages(db)) {
    await apart(parts, `go on with the outage of "${id}"`, async () => {
      count += await stepOutage(db, id, probeIntervalMs);
    });
  }
  if (count > 0) wake();
}

async function settleAllRecovered(parts: EndpointWatchParts): Promise<void> {
  for (const row of await listRecovered(parts.db)) {
    const what = `settle the recovery of "${row.endpoint_id}"`;
    await apart(parts, what, () => settleRecovered(parts, row));
  }
}

/** Dead letters first: while there may be some, the endpoint's row says since when they count. */
async function settleRecovered(parts: EndpointWatchParts, row: RecoveredRow): Promise<void> {
  if (row.redrives_on_recovery && row.stage > 0) await redriveDead(parts, row);
  await setRecovered(parts.db, row);
}

/** What died since the endpoint was failing, oldest first; what dies meanwhile is left for later. */
async function redriveDead({ db, wake }: EndpointWatchParts, row: RecoveredRow): Promise<void> {
  const until = await findNow(db);
  let after: ClaimedDeadLetter | undefined;
  do {
    after = await redriveBatchOf(db, row, { after, until });
    wake();
  } while (after);
}

/** @returns the last one, when there may be more */
async function redriveBatchOf(
  db: Knex,
  { endpoint_id: endpointId, tenant_id, failing_since: from }: RecoveredRow,
  part: Pick<OpenDeadLetters, 'after' | 'until'>,
): Promise<ClaimedDeadLetter | undefined> {
  return db.transaction(async (tx) => {
    const wanted = { ...part, filter: { endpointId, from }, limit: redriveBatch };
    const letters = await claimOpenDeadLetters(tx, tenant_id, wanted);
    const subjects = letters.map(({ subject_id: id }) => id);
    const lately = await listRedrivenLately(tx, subjects);
    const due = letters.filter(({ subject_id: id }) => !lately.has(id));
    const { settled: redriven } = await setRedriven(tx, due, { by: 'recovery', reason: null });
    for (const id of redriven) {
      const at = new Date();
      await recordAudit(tx, {
        id: makeId('aud', at),
        tenant_id,
        actor: 'recovery',
        at,
        action: 'dead_letter.redrive',
        subject: id,
        detail: { endpoint_id: endpointId },
      });
    }
    return letters.length < redriveBatch ? undefined : letters.at(-1);
  });
}

/**
 * Published first and forgotten then: a crash in between publishes it under the same key. Those that
 * can't be published are passed over and stay.
 */
async function publishNotices(parts: EndpointWatchParts): Promise<void> {
  let left = 0;
  for (;;) {
    const notices = await listNotices(parts.db, left);
    if (notices.length === 0) return;
    for (const notice of notices) left += (await publishNotice(parts, notice)) ? 0 : 1;
  }
}

/**
 * @returns false when it stays
 * @throws what says that the database is away: the others would fail as well
 */
async function publishNotice(
  { db, log, publish }: EndpointWatchParts,
  { id, tenant_id: tenantId, type, data, endpoint_id, created_at: at }: OperationalNoticeRow,
): Promise<boolean> {
  const told = { type, notice: id, tenant: tenantId, endpoint: endpoint_id };
  try {
    const exceptEndpointId = endpoint_id ?? undefined;
    await publish({ tenantId, type, data, key: `notice/${id}`, exceptEndpointId });
  } catch (error) {
    if (isConnectionLoss(error)) throw error;
    if (!(error instanceof Problem)) {
      log.warn({ err: error, ...told }, 'Could not publish an operational event');
      return false;
    }
    if (Date.now() - at.getTime() < refusedForMs) return false;
    log.error({ err: error, ...told }, 'An operational event is given up: it was refused');
  }
  await deleteNotice(db, id);
  return true;
}
