import type { Knex } from 'knex';
import type { Logger } from 'pino';
import { z } from 'zod';
import { rejectionReasons } from '../domain/channel.ts';
import type { RawRequest, RejectionReason } from '../domain/channel.ts';
import type { RejectedRequest } from '../domain/rejected-request.ts';
import {
  deleteRejectedRequestsBefore,
  recordRejectedRequests,
} from '../store/rejected-requests.ts';
import type { NewRejectedRequest } from '../store/rejected-requests.ts';
import type { RejectedRequestRow } from '../store/tables.ts';
import { asBuffer } from './body.ts';
import type { Sealer } from './sealing.ts';

/** Per integration: a screenful of history, and a disk that no flood can fill. */
const caps = { rows: 1000, bytes: 67_108_864 };

/** A larger request is kept without its original: it is seen, but can't be released. */
const originalBytesMax = 1_048_576;

/** How long a rejection is worth looking at. */
const keptDays = 14;
const forgetEveryMs = 3_600_000;

/** What may wait to be written, in all; beyond it a rejection is only in the log. */
const waitingMax: Share = { rows: 200, bytes: 33_554_432 };

/** Of one integration: ten of them have to be flooded before a rejection of another is lost. */
const waitingMaxEach: Share = { rows: 20, bytes: 4_194_304 };

/** A line per rejection that is not kept would make the log a flood as well. */
const warnEveryMs = 60_000;

/** Keeps rejected requests, behind the answers. */
export interface RejectedRequestKeeper {
  keep(rejected: RejectedRequest): void;
  /** Writes what is still waiting. */
  close(): Promise<void>;
}

export interface KeeperParts {
  readonly db: Knex;
  readonly sealer: Sealer;
  readonly log: Logger;
}

export function makeRejectedRequestKeeper({ db, sealer, log }: KeeperParts): RejectedRequestKeeper {
  let waiting: NewRejectedRequest[] = [];
  let room = makeRoom();
  let writing: Promise<void> | undefined;
  const losses = makeLossLog(log);

  async function writeAll(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting;
      [waiting, room] = [[], makeRoom()];
      await recordRejectedRequests(db, batch, caps).catch((error: unknown) => {
        log.warn({ err: error, requests: batch.length }, 'Could not keep rejected requests');
      });
    }
    writing = undefined;
  }

  const forgetting = setInterval(() => {
    const before = new Date(Date.now() - keptDays * 86_400_000);
    deleteRejectedRequestsBefore(db, before).catch((error: unknown) => {
      log.warn({ err: error }, 'Could not forget old rejected requests');
    });
  }, forgetEveryMs);

  return {
    keep(rejected) {
      const { integrationId, rejection } = rejected;
      const { reason } = rejection;
      if (!isKept(reason)) return;
      if (!room.take(integrationId, keptBytesOf(rejected))) return losses.count(integrationId);
      waiting.push(toRow(rejected, reason, sealer));
      writing ??= writeAll();
    },
    async close() {
      clearInterval(forgetting);
      await writing;
      losses.close();
    },
  };
}

type KeptReason = NewRejectedRequest['reason'];

/** Of what comes with these the body was not read: there is nothing to look at or to release. */
function isKept(reason: RejectionReason): reason is KeptReason {
  return reason !== 'method_not_allowed' && reason !== 'body_too_large';
}

/** What is taken of the room for what waits. */
interface Share {
  readonly rows: number;
  readonly bytes: number;
}

const noShare: Share = { rows: 0, bytes: 0 };

/** The room for what waits to be written. */
interface Room {
  /** False when it, or the part of it that one integration may have, is full. */
  take(integrationId: string, bytes: number): boolean;
}

function makeRoom(): Room {
  let all = noShare;
  const each = new Map<string, Share>();
  const grow = ({ rows, bytes }: Share, more: number): Share => ({
    rows: rows + 1,
    bytes: bytes + more,
  });
  const fits = (share: Share, max: Share): boolean =>
    share.rows <= max.rows && share.bytes <= max.bytes;
  return {
    take(integrationId, bytes) {
      const [total, own] = [grow(all, bytes), grow(each.get(integrationId) ?? noShare, bytes)];
      if (!fits(total, waitingMax) || !fits(own, waitingMaxEach)) return false;
      all = total;
      each.set(integrationId, own);
      return true;
    },
  };
}

/** Warns of what could not be kept. */
interface LossLog {
  count(integrationId: string): void;
  /** Tells what it had not told yet. */
  close(): void;
}

/** As many integrations are named in one line; a flood can be at all of them. */
const namedMax = 10;

/** The first one is told at once, those of the next minute together. */
function makeLossLog(log: Logger): LossLog {
  let requests = 0;
  const owners = new Set<string>();
  let timer: NodeJS.Timeout | undefined;

  function tell(): void {
    timer = undefined;
    if (requests === 0) return;
    const integration_ids = [...owners].slice(0, namedMax);
    log.warn({ requests, integration_ids }, 'Too many rejected requests to keep all');
    requests = 0;
    owners.clear();
    timer = setTimeout(tell, warnEveryMs);
  }

  return {
    count(integrationId) {
      requests += 1;
      owners.add(integrationId);
      if (timer === undefined) tell();
    },
    close() {
      clearTimeout(timer);
      tell();
      clearTimeout(timer);
    },
  };
}

/** Its original counts only where it is kept. */
function keptBytesOf({ body, original }: RejectedRequest): number {
  return body.length + (isSmall(original) ? original.body.length : 0);
}

function isSmall({ body }: RawRequest): boolean {
  return body.length <= originalBytesMax;
}

/** Sealed here and now: what waits holds nothing of an original that is too large to be kept. */
function toRow(rejected: RejectedRequest, reason: KeptReason, sealer: Sealer): NewRejectedRequest {
  const { rejection, original } = rejected;
  const { detail, evidence = {} } = rejection;
  return {
    id: rejected.id,
    tenant_id: rejected.tenantId,
    integration_id: rejected.integrationId,
    channel: rejected.channel,
    trigger_id: rejected.triggerId,
    received_at: rejected.receivedAt,
    reason,
    status: rejectionReasons[reason],
    detail,
    skew_s: evidence.skewS ?? null,
    received_signature: evidence.received ?? null,
    computed_signatures: [...(evidence.computed ?? [])],
    method: original.method,
    headers: { ...rejected.headers },
    query: rejected.query,
    body: asBuffer(rejected.body),
    body_bytes: original.body.length,
    sealed: isSmall(original) ? sealer.seal(rejected.id, pack(original)) : null,
  };
}

const packedSchema = z.object({
  method: z.string(),
  query: z.string(),
  headers: z.array(z.tuple([z.string(), z.string()])),
  body: z.base64(),
});

function pack({ method, query, headers, body }: RawRequest): string {
  return JSON.stringify({ method, query, headers, body: asBuffer(body).toString('base64') });
}

/** The request as it came, byte for byte; `undefined` when it was too large to be kept. */
export function openOriginal(
  sealer: Sealer,
  { id, sealed }: Pick<RejectedRequestRow, 'id' | 'sealed'>,
): RawRequest | undefined {
  if (sealed === null) return undefined;
  const { body, ...rest } = packedSchema.parse(JSON.parse(sealer.open(id, sealed)));
  return { ...rest, body: Buffer.from(body, 'base64') };
}
