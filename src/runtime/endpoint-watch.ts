import type { Knex } from 'knex';
import type { Logger } from 'pino';
import { recordAudit } from '../store/audit-log.ts';
import { claimOpenDeadLetters, setRedriven } from '../store/dead-letter-settling.ts';
import type { ClaimedDeadLetter } from '../store/dead-letter-settling.ts';
import { deleteNotice, listNotices } from '../store/operational-notices.ts';
import { listDueOutages, stepOutage } from '../store/outages.ts';
import {
  deleteUnused,
  disableFailing,
  isAllWell,
  listRecovered,
  recordStages,
  setRecovered,
} from '../store/recoveries.ts';
import type { RecoveredRow } from '../store/recoveries.ts';
import { makeId } from './ids.ts';
import type { Publish } from './publish.ts';

/** Between two looks: as long as a step in which held deliveries are let go takes. */
const watchEveryMs = 1000;

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

/** One look: everything that is due now. While no endpoint fails it costs one query. Safe to repeat. */
export async function lookAfterEndpoints(parts: EndpointWatchParts): Promise<void> {
  const { db } = parts;
  if (await isAllWell(db)) return;
  await deleteUnused(db);
  await recordStages(db);
  await disableFailing(db);
  await stepOutages(parts);
  for (const row of await listRecovered(db)) await settleRecovered(parts, row);
  await publishNotices(parts);
}

async function stepOutages({ db, wake, probeIntervalMs }: EndpointWatchParts): Promise<void> {
  let count = 0;
  for (const id of await listDueOutages(db)) count += await stepOutage(db, id, probeIntervalMs);
  if (count > 0) wake();
}

/** Dead letters first: while there may be some, the endpoint's row says since when they count. */
async function settleRecovered(parts: EndpointWatchParts, row: RecoveredRow): Promise<void> {
  if (row.redrives_on_recovery && row.stage > 0) await redriveDead(parts, row);
  await setRecovered(parts.db, row);
}

/** What died since the endpoint was failing, oldest first. */
async function redriveDead({ db, wake }: EndpointWatchParts, row: RecoveredRow): Promise<void> {
  let after: ClaimedDeadLetter | undefined;
  do {
    after = await redriveBatchOf(db, row, after);
    wake();
  } while (after);
}

/** @returns the last one, when there may be more */
async function redriveBatchOf(
  db: Knex,
  { endpoint_id: endpointId, tenant_id, failing_since: from }: RecoveredRow,
  after: ClaimedDeadLetter | undefined,
): Promise<ClaimedDeadLetter | undefined> {
  return db.transaction(async (tx) => {
    const wanted = { filter: { endpointId, from }, after, until: undefined, limit: redriveBatch };
    const letters = await claimOpenDeadLetters(tx, tenant_id, wanted);
    const redriven = await setRedriven(tx, letters, { by: 'recovery', reason: null });
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

/** Published first and forgotten then: a crash in between publishes it under the same key. */
async function publishNotices({ db, log, publish }: EndpointWatchParts): Promise<void> {
  for (const { id, tenant_id: tenantId, type, data, endpoint_id } of await listNotices(db)) {
    try {
      const exceptEndpointId = endpoint_id ?? undefined;
      await publish({ tenantId, type, data, key: `notice/${id}`, exceptEndpointId });
      await deleteNotice(db, id);
    } catch (error) {
      log.warn({ err: error, type, notice: id }, 'Could not publish an operational event');
    }
  }
}
