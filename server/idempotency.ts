import { createHash } from 'node:crypto';
import type { Knex } from 'knex';
import type { Logger } from 'pino';
import { passingProblem, Problem, problems } from '../src/domain/problem.ts';
import { makeId } from '../src/runtime/ids.ts';
import type { Sealer } from '../src/runtime/sealing.ts';
import {
  claimIdempotencyKey,
  deleteIdempotencyKey,
  findIdempotencyKey,
  freeIdempotencyKey,
  idempotencyKeptMs,
  prunedMax,
  pruneIdempotencyKeys,
  releaseIdempotencyKey,
  setIdempotencyAnswer,
} from '../src/store/idempotency-keys.ts';
import type { Claim } from '../src/store/idempotency-keys.ts';
import type { IdempotencyKeyRow } from '../src/store/publishing-tables.ts';

/** A request that has a key, and all that makes it another one. */
export interface KeyedRequest {
  readonly tenantId: string;
  readonly actor: string;
  readonly key: string;
  readonly method: string;
  /** With its query. */
  readonly address: string;
  readonly body: Uint8Array;
}

/** A success, as it can be told again. */
export interface Answer {
  readonly status: number;
  readonly location?: string;
  readonly body: unknown;
}

/**
 * Answer a request once under its key: the first time by `run`, later with what that answered.
 *
 * `run` gets the id of the claim, which is the same for each try: what is recorded under it is
 * recorded once, also when a try died before its answer was kept.
 *
 * @throws Problem `idempotency-key-in-use`, `idempotency-key-reused`, or what `run` throws
 */
export type Idempotency = (
  request: KeyedRequest,
  run: (claimId: string) => Promise<Answer>,
) => Promise<Answer & { readonly isReplayed: boolean }>;

export interface IdempotencyParts {
  readonly db: Knex;
  readonly log: Logger;
  readonly sealer: Sealer;
  readonly now: () => Date;
}

/** Whoever has no answer by then has died: no request takes this long. */
const claimMs = 60_000;

/** Old keys are looked for when a key is claimed, and not more often. */
const pruneEveryMs = 60_000;

export function makeIdempotency(parts: IdempotencyParts): Idempotency {
  const { sealer, now } = parts;
  const prune = makePrune(parts);
  return async (request, run) => {
    prune();
    const claimed = await claim(parts, request);
    if (claimed.row) return { ...toAnswer(sealer, claimed.row), isReplayed: true };
    const settle = makeSettle(parts, claimed.claim);
    try {
      const answer = await run(claimed.claim.id);
      await settle((db, own) => setIdempotencyAnswer(db, own, toKept(sealer, own.id, answer)));
      return { ...answer, isReplayed: false };
    } catch (error) {
      const isRefusal = error instanceof Problem && problems[error.code].status < 500;
      const end = isRefusal ? freeIdempotencyKey : releaseIdempotencyKey;
      await settle((db, own) => end(db, own, now()));
      throw error;
    }
  };
}

type Claimed =
  | { readonly row?: undefined; readonly claim: Claim }
  | { readonly row: IdempotencyKeyRow };

/** A key that others let go between two looks is asked for again; more than a few times nobody can be so unlucky. */
const looksMax = 5;

async function claim({ db, now }: IdempotencyParts, request: KeyedRequest): Promise<Claimed> {
  const owner = { tenant_id: request.tenantId, actor: request.actor, key: request.key };
  const fingerprint = fingerprintOf(request);
  for (let look = 1; look <= looksMax; look += 1) {
    const created_at = now();
    const claimed_until = new Date(created_at.getTime() + claimMs);
    const id = makeId('idk', created_at);
    const own = { ...owner, id, fingerprint, created_at, claimed_until };
    const claimed = await claimIdempotencyKey(db, own);
    if (claimed) return { claim: claimed };
    const row = await findIdempotencyKey(db, owner);
    if (!row) continue;
    if (created_at.getTime() - row.created_at.getTime() < idempotencyKeptMs) {
      return { row: answered(row, fingerprint) };
    }
    await deleteIdempotencyKey(db, row.id);
  }
  throw inUse();
}

/** @throws Problem when it stands for another request, or for one that has no answer yet */
function answered(row: IdempotencyKeyRow, fingerprint: Buffer): IdempotencyKeyRow {
  if (!row.fingerprint.equals(fingerprint)) {
    throw new Problem(
      'idempotency-key-reused',
      'Within 24 hours an Idempotency-Key stands for one request: method, address and body must be the same',
    );
  }
  if (row.status === null) throw inUse();
  return row;
}

function inUse(): Problem {
  return passingProblem(
    'idempotency-key-in-use',
    'A request with this Idempotency-Key is under way: ask again for its answer',
    1,
  );
}

function fingerprintOf({ method, address, body }: KeyedRequest): Buffer {
  return createHash('sha256').update(`${method} ${address}\n`).update(body).digest();
}

/** The request has its answer already: a key that can't be kept now is only free a minute later. */
function makeSettle({ db, log }: IdempotencyParts, own: Claim) {
  return async (write: (db: Knex, own: Claim) => Promise<void>): Promise<void> => {
    try {
      await write(db, own);
    } catch (error) {
      log.warn({ err: error, id: own.id }, 'The end of a request was not noted at its key');
    }
  };
}

/** Not waited for: nobody depends on it. */
function makePrune({ db, log, now }: IdempotencyParts): () => void {
  let prunedAt = 0;
  return () => {
    const at = now().getTime();
    if (at - prunedAt < pruneEveryMs) return;
    prunedAt = at;
    pruneAll(db, new Date(at - idempotencyKeptMs)).catch((error: unknown) => {
      log.warn({ err: error }, 'Could not forget old keys of requests');
    });
  };
}

/** However many there are: fewer than come in would mean more and more. */
async function pruneAll(db: Knex, before: Date): Promise<void> {
  while ((await pruneIdempotencyKeys(db, before)) === prunedMax);
}

function toKept(
  sealer: Sealer,
  id: string,
  { status, location, body }: Answer,
): Pick<IdempotencyKeyRow, 'status' | 'location' | 'sealed'> {
  const sealed = sealer.seal(id, JSON.stringify(body ?? null));
  return { status, location: location ?? null, sealed };
}

function toAnswer(sealer: Sealer, { id, status, location, sealed }: IdempotencyKeyRow): Answer {
  if (status === null || sealed === null) throw new Error(`Key "${id}" has no answer`);
  const body: unknown = JSON.parse(sealer.open(id, sealed));
  return { status, ...(location !== null && { location }), body };
}
