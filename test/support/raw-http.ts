import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { z } from 'zod';

const expectation = z.strictObject({
  /** Null = closed without an answer. */
  status: z.array(z.number().nullable()),
  accepted: z.boolean().optional(),
  alive: z.literal(true),
  closes: z.boolean().optional(),
  half_close: z.boolean().optional(),
  max_wait_ms: z.number().default(5000),
  interim: z.array(z.number()).default([]),
  responses: z.number().optional(),
  must_not_reflect: z.string().optional(),
  slow: z.boolean().optional(),
  drip: z.strictObject({ piece_base64: z.string(), every_ms: z.number() }).optional(),
  note: z.string().optional(),
  cap_bytes: z.number().optional(),
});

const rawCase = z.strictObject({
  id: z.string(),
  group: z.string(),
  why: z.string(),
  raw_base64: z.string().optional(),
  parts: z.array(z.strictObject({ base64: z.string(), repeat: z.number().default(1) })).default([]),
  bytes: z.number().optional(),
  expect: expectation,
});

/** A case of `bad-http.json`: bytes to write, and what must come of it. */
export type RawCase = z.infer<typeof rawCase>;

/** The cases of a corpus; throws at a field that nobody checks. */
export function readCases(corpus: unknown): readonly RawCase[] {
  return z.object({ format: z.literal(1), cases: z.array(rawCase) }).parse(corpus).cases;
}

/** The bytes of a case, as they go on the wire. */
export function bytesOf({ id, raw_base64 = '', parts, bytes }: RawCase): Buffer {
  const pieces = parts.map(({ base64, repeat }) => {
    const piece = Buffer.from(base64, 'base64');
    return Buffer.alloc(piece.length * repeat, piece);
  });
  const all = Buffer.concat([Buffer.from(raw_base64, 'base64'), ...pieces]);
  if (bytes !== undefined && all.length !== bytes) {
    throw new Error(`Case "${id}" has ${all.length} bytes instead of ${bytes}`);
  }
  return all;
}

/** Put header lines after the line `Host`, or first where there is none; no request is left as it is. */
export function insertHeaders(request: Buffer, lines: readonly string[]): Buffer {
  const text = request.toString('latin1');
  const at = /^[^\r\n]* HTTP\/\d\.\d\r\n(?:[^\r\n]+\r\n)*?(?:Host:[^\r\n]*\r\n)/i.exec(text);
  const place = at ?? /^[^\r\n]* HTTP\/\d\.\d\r\n/.exec(text);
  if (!place) return request;
  const end = place[0].length;
  const inserted = Buffer.from(lines.map((line) => `${line}\r\n`).join(''), 'latin1');
  return Buffer.concat([request.subarray(0, end), inserted, request.subarray(end)]);
}

/** The body as a receiver decodes it: by chunks, by `Content-Length`, or all that follows the head. */
export function bodyOf(request: Buffer): Buffer {
  const headEnd = request.indexOf('\r\n\r\n');
  if (headEnd === -1) return Buffer.alloc(0);
  const head = request.subarray(0, headEnd).toString('latin1');
  const rest = request.subarray(headEnd + 4);
  if (/^Transfer-Encoding ?:/im.test(head)) return dechunk(rest).body;
  const [, length] = /^Content-Length: (\d+)\r?$/im.exec(head) ?? [];
  return length === undefined ? rest : rest.subarray(0, Number(length));
}

/** Chunks as far as they have their form, and how many bytes they took; -1 = the last is missing. */
function dechunk(bytes: Buffer): { body: Buffer; length: number } {
  const pieces: Buffer[] = [];
  let at = 0;
  for (;;) {
    const lineEnd = bytes.indexOf('\r\n', at);
    const [hex] = /^[0-9a-f]{1,6}(?=;|$)/i.exec(bytes.toString('latin1', at, lineEnd)) ?? [];
    const size = Number.parseInt(hex ?? '', 16);
    const next = lineEnd + 2 + size + 2;
    const isCut = lineEnd === -1 || Number.isNaN(size) || next > bytes.length;
    if (isCut) return { body: Buffer.concat(pieces), length: -1 };
    if (size === 0) return { body: Buffer.concat(pieces), length: next };
    pieces.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = next;
  }
}

/** One answer of a server. */
export interface RawAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** What came back on a connection. */
export interface RawOutcome {
  readonly interim: readonly number[];
  readonly answers: readonly RawAnswer[];
  /** All bytes, as latin1. */
  readonly text: string;
  /** By the server: it ended or reset the connection. */
  readonly isClosed: boolean;
  readonly tookMs: number;
}

export interface RawSending {
  readonly port: number;
  readonly bytes: Buffer;
  readonly expect: RawCase['expect'];
}

/** After the expected answers: time for one that nobody asked for. */
const graceMs = 150;

/** Write bytes to a connection of their own, and watch until what is expected has come or is late. */
export async function sendRaw({ port, bytes, expect }: RawSending): Promise<RawOutcome> {
  const startedAt = performance.now();
  const watch = await watchSocket(port);
  const { socket, received } = watch;
  socket.write(bytes);
  if (expect.half_close === true) socket.end();
  const { drip } = expect;
  const dripping =
    drip &&
    setInterval(() => {
      if (socket.writable) socket.write(Buffer.from(drip.piece_base64, 'base64'));
    }, drip.every_ms);
  const wanted = expect.responses ?? (expect.status.every((status) => status === null) ? 0 : 1);
  const hasAll = (): boolean =>
    expect.closes !== true && readAnswers(received()).answers.length >= wanted;
  await watch.until(hasAll, expect.max_wait_ms);
  const tookMs = performance.now() - startedAt;
  await watch.until(() => false, graceMs);
  clearInterval(dripping);
  const text = received();
  const isClosed = watch.isClosed();
  socket.destroy();
  return { ...readAnswers(text), text, isClosed, tookMs };
}

interface SocketWatch {
  readonly socket: Socket;
  readonly received: () => string;
  readonly isClosed: () => boolean;
  /** Resolves when that is so, the server closed, or the time is up. */
  readonly until: (isDone: () => boolean, maxMs: number) => Promise<void>;
}

async function watchSocket(port: number): Promise<SocketWatch> {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  let hasEnded = false;
  let wake = (): void => undefined;
  const end = (): void => {
    hasEnded = true;
    wake();
  };
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
    wake();
  });
  // A reset is a way of closing; what came before it counts.
  socket.on('end', end).on('error', end).on('close', end);
  await new Promise<void>((resolve) => socket.once('connect', resolve).once('close', resolve));
  return {
    socket,
    received: () => text,
    isClosed: () => hasEnded,
    until: (isDone, maxMs) =>
      new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, maxMs);
        wake = () => {
          if (!hasEnded && !isDone()) return;
          clearTimeout(timer);
          resolve();
        };
        wake();
      }),
  };
}

/** The answers in a text, as far as they are whole. */
function readAnswers(text: string): { interim: number[]; answers: RawAnswer[] } {
  const interim: number[] = [];
  const answers: RawAnswer[] = [];
  let rest = text;
  for (;;) {
    const [head] = /^HTTP\/1\.1 \d{3}[^]*?\r\n\r\n/.exec(rest) ?? [];
    if (head === undefined) return { interim, answers };
    const status = Number(head.slice(9, 12));
    const headers = readHeaders(head);
    const after = rest.slice(head.length);
    if (status < 200) interim.push(status);
    const body = status < 200 ? { text: '', length: 0 } : readBody(headers, after);
    if (!body) return { interim, answers };
    if (status >= 200) answers.push({ status, headers, body: body.text });
    rest = after.slice(body.length);
  }
}

function readHeaders(head: string): Map<string, string> {
  const lines = head.split('\r\n').slice(1, -2);
  return new Map(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
    }),
  );
}

function readBody(
  headers: ReadonlyMap<string, string>,
  after: string,
): { text: string; length: number } | undefined {
  if (headers.get('transfer-encoding') === 'chunked') {
    const { body, length } = dechunk(Buffer.from(after, 'latin1'));
    return length === -1 ? undefined : { text: body.toString(), length };
  }
  const length = Number(headers.get('content-length') ?? 0);
  return after.length < length ? undefined : { text: after.slice(0, length), length };
}
