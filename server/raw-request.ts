import type { IncomingMessage } from 'node:http';
import type { RawRequest } from '../src/domain/channel.ts';
import type { BodyBudget, Reservation } from './body-budget.ts';

/** What reading came to: the request, or why there is none. */
export type RawRead =
  | {
      readonly kind: 'read';
      readonly request: RawRequest;
      /** To be called when the body is no longer needed; a second call does nothing. */
      readonly release: () => void;
    }
  | { readonly kind: 'too_large' }
  /** No room for the body came free in time: it was not read. */
  | { readonly kind: 'no_room' }
  /** It held room that others may need, and came too slowly. */
  | { readonly kind: 'too_slow' }
  /** The sender went away: nobody is there to be answered. */
  | { readonly kind: 'aborted' };

export interface ReadLimits {
  readonly maxBodyBytes: number;
  readonly budget: BodyBudget;
}

/**
 * Bodies up to this size take nothing of the budget: nearly all are smaller, and should not queue
 * behind the few that are large. 5,000 connections hold 320 MB of them at the very most.
 */
export const freeBytes = 65_536;

/** Read a request as it came off the wire; one that announces too large a body is not read at all. */
export async function readRawRequest(
  message: IncomingMessage,
  { maxBodyBytes, budget }: ReadLimits,
): Promise<RawRead> {
  // The parser has refused what is no number.
  const declaredBytes = Number(message.headers['content-length'] ?? 0);
  if (declaredBytes > maxBodyBytes) return { kind: 'too_large' };
  const share = makeShare(message, budget);
  try {
    const body = await readBody(message, { declaredBytes, maxBodyBytes, share });
    if (body instanceof Uint8Array) {
      share.shrinkTo(body.length);
      return { kind: 'read', request: toRawRequest(message, body), release: share.release };
    }
    share.release();
    return { kind: message.destroyed ? 'aborted' : body };
  } catch (error) {
    share.release();
    if (message.destroyed) return { kind: 'aborted' };
    throw error;
  }
}

/** What one request has of the budget. */
interface Share {
  /** Wait for room; false when none came in time. To be called once. */
  readonly take: (sizeBytes: number) => Promise<boolean>;
  readonly shrinkTo: (sizeBytes: number) => void;
  readonly release: () => void;
}

function makeShare(message: IncomingMessage, budget: BodyBudget): Share {
  let held: Reservation | undefined;
  let isOver = false;
  return {
    async take(sizeBytes) {
      const left = new AbortController();
      const leave = (): void => left.abort();
      message.once('close', leave);
      const got = await budget.reserve(sizeBytes, left.signal);
      message.off('close', leave);
      // The sender may have left in the very moment of its turn.
      if (isOver) got?.release();
      else held = got;
      return held !== undefined;
    },
    shrinkTo: (sizeBytes) => held?.shrinkTo(sizeBytes),
    release() {
      isOver = true;
      held?.release();
    },
  };
}

interface BodyLimits {
  /** 0 when the body is chunked, or there is none. */
  readonly declaredBytes: number;
  readonly maxBodyBytes: number;
  readonly share: Share;
}

/**
 * Read a body. Its share of the budget is taken once and before the part that needs it is read, so
 * that TCP holds the sender back meanwhile.
 *
 * A chunked body may become of any size: it starts as a free one and goes on with a share for the
 * maximum. To let it grow share by share would deadlock: full of half-read bodies, the budget could
 * finish none of them.
 *
 * @throws Error when the sender goes away
 */
async function readBody(
  message: IncomingMessage,
  { declaredBytes, maxBodyBytes, share }: BodyLimits,
): Promise<Buffer | Unread> {
  const body = makeBody();
  const grow = async (sizeBytes: number): Promise<boolean> => {
    const hasRoom = await share.take(sizeBytes);
    if (hasRoom) body.enlarge(sizeBytes);
    return hasRoom;
  };
  if (declaredBytes > freeBytes && !(await grow(declaredBytes))) return 'no_room';
  return new Promise((resolve, reject) => {
    const pace = watchPace(body, () => settle('too_slow'));
    if (body.isLarge()) pace.start();
    const settle = (outcome: Buffer | Unread): void => {
      pace.stop();
      // What is not read is left for `drain`.
      message.off('data', take).off('end', end).off('close', leave);
      resolve(outcome);
    };
    const end = (): void => settle(body.join());
    const leave = (): void => {
      pace.stop();
      reject(new Error('The sender went away'));
    };
    const goOn = async (chunk: Buffer): Promise<void> => {
      if (!(await grow(maxBodyBytes))) return settle('no_room');
      body.add(chunk);
      pace.start();
      message.resume();
    };
    const take = (chunk: Buffer): void => {
      const sizeBytes = body.sizeBytes() + chunk.length;
      const isTooLarge = sizeBytes > maxBodyBytes;
      if (!isTooLarge && (sizeBytes <= freeBytes || body.isLarge())) return body.add(chunk);
      message.pause();
      if (isTooLarge) settle('too_large');
      else goOn(chunk).catch(reject);
    };
    // Who left in the very moment of its turn will not say so again.
    if (message.destroyed) leave();
    message.on('data', take).once('end', end).once('close', leave);
  });
}

type Unread = 'too_large' | 'no_room' | 'too_slow';

/** A body of 25 MiB has 30 s for itself anyway; at less than a third of that pace it only blocks. */
const paceBytes = 524_288;
const paceEveryMs = 2000;

/** Once may be our own doing: a busy process reads late. */
const slowTurnsMax = 2;

interface Pace {
  readonly start: () => void;
  readonly stop: () => void;
}

/** Say so when a body stands still or nearly so: the room it holds is for those who send. */
function watchPace(body: Body, isTooSlow: () => void): Pace {
  let timer: NodeJS.Timeout | undefined;
  let seenBytes = 0;
  let slowTurns = 0;
  const look = (): void => {
    const isSlow = body.sizeBytes() - seenBytes < paceBytes;
    slowTurns = isSlow ? slowTurns + 1 : 0;
    seenBytes = body.sizeBytes();
    if (slowTurns === slowTurnsMax) isTooSlow();
  };
  return {
    start: () => (timer = setInterval(look, paceEveryMs)),
    stop: () => clearInterval(timer),
  };
}

/** A body as it comes: a small one in pieces, a large one in place, for joining it would double it. */
interface Body {
  readonly sizeBytes: () => number;
  readonly isLarge: () => boolean;
  readonly enlarge: (capacityBytes: number) => void;
  readonly add: (piece: Buffer) => void;
  readonly join: () => Buffer;
}

function makeBody(): Body {
  const pieces: Buffer[] = [];
  let place: Buffer | undefined;
  let sizeBytes = 0;
  const add = (piece: Buffer): void => {
    if (place) place.set(piece, sizeBytes);
    else pieces.push(piece);
    sizeBytes += piece.length;
  };
  return {
    sizeBytes: () => sizeBytes,
    isLarge: () => place !== undefined,
    add,
    enlarge(capacityBytes) {
      place = Buffer.allocUnsafe(capacityBytes);
      sizeBytes = 0;
      pieces.splice(0).forEach(add);
    },
    join() {
      if (!place) return Buffer.concat(pieces);
      // A view would keep the whole place alive, of which a part is given back.
      return sizeBytes === place.length ? place : Buffer.from(place.subarray(0, sizeBytes));
    },
  };
}

function toRawRequest(message: IncomingMessage, body: Buffer): RawRequest {
  const { method = '', url = '', rawHeaders } = message;
  const queryAt = url.indexOf('?');
  return {
    method,
    query: queryAt === -1 ? '' : url.slice(queryAt + 1),
    headers: toPairs(rawHeaders),
    body,
  };
}

/** Names and values take turns in the list. */
function toPairs(rawHeaders: readonly string[]): (readonly [string, string])[] {
  const pairs: (readonly [string, string])[] = [];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    pairs.push([rawHeaders[at] ?? '', rawHeaders[at + 1] ?? '']);
  }
  return pairs;
}

/** How long, and how much, of a refused body is still read: enough for the answer to arrive. */
const drainMs = 1000;
const drainBytes = 1_048_576;

/**
 * Read on for a moment before the connection is closed.
 *
 * Closing while bytes wait to be read resets the connection, and the reset can overtake the answer.
 */
export async function drain(message: IncomingMessage): Promise<void> {
  if (message.destroyed || message.readableEnded) return;
  let timer: NodeJS.Timeout | undefined;
  await new Promise<void>((resolve) => {
    let readBytes = 0;
    const done = (): void => resolve();
    timer = setTimeout(done, drainMs);
    message.once('end', done).once('close', done).once('error', done);
    message.on('data', (chunk: Buffer) => {
      readBytes += chunk.length;
      if (readBytes > drainBytes) done();
    });
    message.resume();
  });
  clearTimeout(timer);
}
