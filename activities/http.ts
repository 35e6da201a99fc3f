import { Agent, buildConnector, request } from 'undici';
import type { Dispatcher } from 'undici';
import { EgressBlocked } from '../src/runtime/egress.ts';
import type { Egress } from '../src/runtime/egress.ts';

/** How much of an answer's body is kept: enough to see an error page, not enough to fill a disk. */
const bodyKeptBytes = 16 * 1024;

/**
 * An attempt ends by its own deadline; this ends the connecting that it leaves behind, on which the
 * next attempt would wait. Above 30 s, the first wait of the schedule, that one would fail with it.
 */
const connectTimeoutMs = 20_000;

/** Why an attempt failed; part of the API. */
export type FailureReason =
  | 'timeout'
  | 'status'
  | 'gone'
  | 'connect'
  | 'dns'
  | 'tls'
  | 'blocked'
  | 'too_large'
  | 'protocol';

/** What a POST came to. `status` is null when no answer came in time. */
export interface Answer {
  readonly status: number | null;
  /** Null when it is a 2xx. */
  readonly reason: FailureReason | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly durationMs: number;
  readonly retryAfterMs: number | null;
}

export interface Post {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly timeoutMs: number;
}

/** Sends deliveries; keeps connections open per origin. */
export interface HttpClient {
  /** POST once, never following a redirect. Any outcome is an answer, never an exception. */
  post(post: Post): Promise<Answer>;
  close(): Promise<void>;
}

export function makeHttpClient(egress: Egress): HttpClient {
  const agent = new Agent({
    connect: guarded(egress),
    pipelining: 1,
    connections: 64,
    keepAliveTimeout: 10_000,
    maxHeaderSize: 32 * 1024,
    autoSelectFamily: false,
  });
  return {
    post: (post) => send(agent, post),
    close: () => agent.destroy(),
  };
}

/**
 * Connect only to the address that was checked. The name stays for TLS and `Host`; literals pass
 * here too, where a `lookup` hook would not be asked.
 */
function guarded(egress: Egress): buildConnector.connector {
  const connect = buildConnector({ timeout: connectTimeoutMs });
  return (options, callback) => {
    egress.resolve(options.hostname).then(
      (address) => {
        const servername = options.servername ?? options.hostname;
        connect(
          { ...options, hostname: address, ...(options.protocol === 'https:' && { servername }) },
          callback,
        );
      },
      (error: unknown) => callback(error instanceof Error ? error : new Error(String(error)), null),
    );
  };
}

async function send(agent: Agent, { url, headers, body, timeoutMs }: Post): Promise<Answer> {
  const startedAt = performance.now();
  const elapsedMs = (): number => Math.round(performance.now() - startedAt);
  // One deadline for DNS, connect and head: idle time-outs alone let a dripping answer run on.
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), timeoutMs);
  try {
    const { signal } = deadline;
    const options = { method: 'POST', headers, body, signal, dispatcher: agent } as const;
    // Undici heeds the signal once it is connected: without the race DNS and connect had no deadline.
    const answer = await Promise.race([request(url, options), whenAborted(signal)]);
    const durationMs = elapsedMs();
    const kept = await readStart(answer.body, deadline);
    return { ...judge(answer), headers: flat(answer.headers), body: kept, durationMs };
  } catch (error) {
    const reason = deadline.signal.aborted ? 'timeout' : reasonOf(error);
    const nothing = { status: null, headers: {}, body: Buffer.alloc(0), retryAfterMs: null };
    return { ...nothing, reason, durationMs: elapsedMs() };
  } finally {
    clearTimeout(timer);
  }
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

function judge({
  statusCode,
  headers,
}: Dispatcher.ResponseData): Pick<Answer, 'status' | 'reason' | 'retryAfterMs'> {
  const isDelivered = statusCode >= 200 && statusCode <= 299;
  const retryAfterMs = [429, 503].includes(statusCode) ? secondsOf(headers['retry-after']) : null;
  const failure = statusCode === 410 ? 'gone' : 'status';
  return { status: statusCode, reason: isDelivered ? null : failure, retryAfterMs };
}

/** `Retry-After` in seconds or as an HTTP date, in milliseconds from now. */
function secondsOf(value: string | string[] | undefined): number | null {
  const text = String(value ?? '').trim();
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const waitMs = Date.parse(text) - Date.now();
  return waitMs > 0 ? waitMs : null;
}

function flat(headers: Dispatcher.ResponseData['headers']): Record<string, string> {
  const entries = Object.entries(headers).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries.map(([name, value]) => [name, [value].flat().join(', ')]));
}

const reasonOfCode: ReadonlyMap<string, FailureReason> = new Map([
  ['ENOTFOUND', 'dns'],
  ['EAI_AGAIN', 'dns'],
  ['EAI_FAIL', 'dns'],
  ['ENODATA', 'dns'],
  ['UND_ERR_HEADERS_OVERFLOW', 'too_large'],
  ['UND_ERR_SOCKET', 'connect'],
  ['UND_ERR_CONNECT_TIMEOUT', 'timeout'],
  ['HPE_HEADER_OVERFLOW', 'too_large'],
]);

function reasonOf(error: unknown): FailureReason {
  if (error instanceof EgressBlocked) return 'blocked';
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const known = reasonOfCode.get(code);
  if (known) return known;
  if (/CERT|TLS|SSL|SELF_SIGNED|ALTNAME|UNABLE_TO_/.test(code)) return 'tls';
  // Undici's parser error has no code for what does not even begin like HTTP.
  const isGarbage = error instanceof Error && error.name === 'HTTPParserError';
  return isGarbage || /^(HPE_|UND_ERR_)/.test(code) ? 'protocol' : 'connect';
}
