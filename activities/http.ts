import type { Dispatcher } from 'undici';
import type { Egress } from '../src/runtime/egress.ts';
import { makeAgents } from './http-agents.ts';
import type { Agents, ClientCertificate, ConnectionTimes } from './http-agents.ts';
import { judge, reasonOf } from './http-answer.ts';
import type { FailureReason } from './http-answer.ts';

/** How much of an answer's body is kept: enough to see an error page, not enough to fill a disk. */
const bodyKeptBytes = 16 * 1024;

/** What a POST came to. `status` is null when no answer came in time. */
export interface Answer {
  readonly status: number | null;
  /** Null when it is a 2xx. */
  readonly reason: FailureReason | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly durationMs: number;
  /** At most an hour. */
  readonly retryAfterMs: number | null;
  readonly timings: Timings;
}

/**
 * The parts of a POST one after another, in milliseconds. Null for what it did not come to, or had
 * no need of: DNS of an address, TLS over http, and all but the last on a connection of before.
 */
export interface Timings {
  readonly dnsMs: number | null;
  readonly connectMs: number | null;
  readonly tlsMs: number | null;
  /** From the connection to the end of the answer's head. */
  readonly firstByteMs: number | null;
}

/** Of a POST that was not made. */
export const noTimings: Timings = { dnsMs: null, connectMs: null, tlsMs: null, firstByteMs: null };

export interface Post {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly timeoutMs: number;
  /** Shown to whom it goes to, over connections of its own; absent = none. */
  readonly certificate?: ClientCertificate | undefined;
}

/** Sends deliveries; keeps connections open per origin. */
export interface HttpClient {
  /** POST once, never following a redirect. Any outcome is an answer, never an exception. */
  post(post: Post): Promise<Answer>;
  close(): Promise<void>;
}

/** @param makeConnector - as of `makeAgents` */
export function makeHttpClient(
  egress: Egress,
  makeConnector?: Parameters<typeof makeAgents>[1],
): HttpClient {
  const agents = makeAgents(egress, makeConnector);
  return {
    post: (post) => send(agents, post),
    close: () => agents.close(),
  };
}

async function send(agents: Agents, post: Post): Promise<Answer> {
  const { url, headers, body, timeoutMs, certificate = null } = post;
  const startedAt = performance.now();
  const times: ConnectionTimes = { dnsMs: null, connectMs: null, tlsMs: null, readyAt: null };
  // One deadline for DNS, connect and head: idle time-outs alone let a dripping answer run on.
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), timeoutMs);
  try {
    const { signal } = deadline;
    const answering = agents.request(url, { headers, body, signal }, { certificate, times });
    // Undici heeds the signal once it is connected: without the race DNS and connect had no deadline.
    const answer = await Promise.race([answering, whenAborted(signal)]);
    const headAt = performance.now();
    const kept = await readStart(answer.body, deadline);
    return {
      ...judge(answer),
      headers: flat(answer.headers),
      body: kept,
      durationMs: Math.round(headAt - startedAt),
      timings: timingsOf(times, headAt - (times.readyAt ?? startedAt)),
    };
  } catch (error) {
    const reason = deadline.signal.aborted ? 'timeout' : reasonOf(error);
    const nothing = { status: null, headers: {}, body: Buffer.alloc(0), retryAfterMs: null };
    const durationMs = Math.round(performance.now() - startedAt);
    return { ...nothing, reason, durationMs, timings: timingsOf(times, null) };
  } finally {
    clearTimeout(timer);
  }
}

function timingsOf(
  { dnsMs, connectMs, tlsMs }: ConnectionTimes,
  firstByteMs: number | null,
): Timings {
  const rounded = firstByteMs === null ? null : Math.round(firstByteMs);
  return { dnsMs, connectMs, tlsMs, firstByteMs: rounded };
}

function whenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const fail = (): void => reject(new Error('The deadline passed'));
    signal.addEventListener('abort', fail, { once: true });
  });
}

/** Read until enough, the end or the deadline; the connection of an endless body is dropped. */
async function readStart(
  body: Dispatcher.ResponseData['body'],
  deadline: AbortController,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > bodyKeptBytes) break;
    }
  } catch {
    // The status came in time and decides: a body that is cut off, late or broken changes nothing.
  }
  if (size > bodyKeptBytes) deadline.abort();
  return Buffer.concat(chunks).subarray(0, bodyKeptBytes);
}

function flat(headers: Dispatcher.ResponseData['headers']): Record<string, string> {
  const entries = Object.entries(headers).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries.map(([name, value]) => [name, [value].flat().join(', ')]));
}
