import type { Knex } from 'knex';
import type { Logger } from 'pino';
import { z } from 'zod';
import { rejectionReasons } from '../domain/channel.ts';
import type { RawRequest } from '../domain/channel.ts';
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

/** How long a refusal is worth looking at. */
const keptDays = 14;
const forgetEveryMs = 3_600_000;

/** What may wait to be written; beyond it a refusal is only in the log. */
const waitingMax = 200;
const waitingBytesMax = 33_554_432;

/** Keeps refused requests, behind the answers. */
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
  let waiting: RejectedRequest[] = [];
  let waitingBytes = 0;
  let writing: Promise<void> | undefined;

  async function writeAll(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting.map((rejected) => toRow(rejected, sealer));
      [waiting, waitingBytes] = [[], 0];
      await recordRejectedRequests(db, batch, caps).catch((error: unknown) => {
        log.warn({ err: error, requests: batch.length }, 'Could not keep refused requests');
      });
    }
    writing = undefined;
  }

  const forgetting = setInterval(() => {
    const before = new Date(Date.now() - keptDays * 86_400_000);
    deleteRejectedRequestsBefore(db, before).catch((error: unknown) => {
      log.warn({ err: error }, 'Could not forget old refused requests');
    });
  }, forgetEveryMs);

  return {
    keep(rejected) {
      const { length } = rejected.original.body;
      if (waiting.length >= waitingMax || waitingBytes + length > waitingBytesMax) {
        log.warn(
          { integration_id: rejected.integrationId },
          'Too many refused requests to keep all',
        );
        return;
      }
      waiting.push(rejected);
      waitingBytes += length;
      writing ??= writeAll();
    },
    async close() {
      clearInterval(forgetting);
      await writing;
    },
  };
}

function toRow(rejected: RejectedRequest, sealer: Sealer): NewRejectedRequest {
  const { rejection, original } = rejected;
  const { reason, detail, evidence = {} } = rejection;
  const isKept = original.body.length <= originalBytesMax;
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
    sealed: isKept ? sealer.seal(rejected.id, pack(original)) : null,
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
