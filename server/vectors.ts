import { readdir, readFile } from 'node:fs/promises';
import { request as openRequest } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { channelNames } from '../src/domain/channel.ts';
import { channels } from './channels/index.ts';

const instant = z.number().int();

const caseSchema = z.object({
  id: z.string(),
  note: z.string().optional(),
  channel: z.enum(channelNames),
  integration: z.object({
    mode: z.enum(['native', 'platform', 'token']),
    scheme: z.string().optional(),
    secrets: z.array(
      z.object({ kind: z.string(), value: z.string(), expires_at: instant.nullable() }),
    ),
    username: z.string().optional(),
    receive_id: z.string().optional(),
    tolerance_s: z.number().int().optional(),
    dedupe: z.literal('hash').optional(),
  }),
  now: instant,
  accepted_before: z.array(z.object({ id: z.string(), at: instant })).optional(),
  request: z.object({
    method: z.string(),
    path: z.string(),
    query: z.string(),
    headers: z.array(z.tuple([z.string(), z.string()])),
    body_base64: z.base64(),
  }),
  expect: z.object({
    outcome: z.enum(['accepted', 'rejected', 'handshake', 'duplicate']),
    status: z.number().int(),
    reason: z.string().optional(),
    content_type: z.string().optional(),
    body: z.string().optional(),
    response_headers: z.record(z.string(), z.string()).optional(),
    event: z
      .object({
        type: z.string(),
        id: z.string().nullable(),
        payload: z.record(z.string(), z.unknown()).optional(),
        redacted: z.array(z.string()).optional(),
      })
      .optional(),
  }),
});

/** One recorded request, with what must come of it. Instants are Unix seconds. */
export type VectorCase = z.infer<typeof caseSchema>;

/** What the served request made: recorded, or recognised as a duplicate. */
export interface VectorEvent {
  readonly kind: 'accepted' | 'duplicate';
  readonly type: string;
  readonly dedupeId: string | null;
  /** The body as triggers see it. */
  readonly payload: unknown;
  /** Everything that is stored of it as text: headers, query, body. */
  readonly raw: string;
}

/** The platform, set up for one case: its integration, its earlier events, its clock. */
export interface VectorServer {
  /** `http://host:port`, without a path. */
  readonly origin: string;
  /** To be asked after the answer; `undefined` when no event came of the request. */
  storedEvent(): Promise<VectorEvent | undefined>;
  close(): Promise<void>;
}

/** Serves cases by the code that serves requests. */
export interface VectorWorld {
  serve(vectorCase: VectorCase): Promise<VectorServer>;
}

/**
 * Run every `*.json` of a folder, and say each difference and last `N passed, N failed`.
 *
 * @returns 0 when all cases are as expected, else 1
 */
export async function checkVectors(
  dir: string,
  world: VectorWorld,
  say: (line: string) => void,
): Promise<0 | 1> {
  let passed = 0;
  let failed = 0;
  for (const file of await listVectorFiles(dir, say)) {
    for (const item of await readItems(join(dir, file))) {
      const lines = typeof item === 'string' ? [item] : await checkItem(item.raw, file, world);
      for (const line of lines) say(line);
      if (lines.length === 0) passed += 1;
      else failed += 1;
    }
  }
  say(`${passed} passed, ${failed} failed`);
  return failed === 0 && passed > 0 ? 0 : 1;
}

async function listVectorFiles(dir: string, say: (line: string) => void): Promise<string[]> {
  try {
    const files = (await readdir(dir)).filter((file) => file.endsWith('.json')).toSorted();
    if (files.length === 0) say(`There is no *.json in "${dir}"`);
    return files;
  } catch (error) {
    say(`Cannot read folder "${dir}": ${wording(error)}`);
    return [];
  }
}

/** The cases of a file, unchecked; one line in their place when the file is no JSON array. */
async function readItems(path: string): Promise<readonly (string | { raw: unknown })[]> {
  try {
    const items = z.array(z.unknown()).safeParse(JSON.parse(await readFile(path, 'utf8')));
    if (items.success) return items.data.map((raw) => ({ raw }));
    return [`${path}: expected a JSON array of cases`];
  } catch (error) {
    return [`${path}: expected a JSON array of cases, got ${wording(error)}`];
  }
}

async function checkItem(raw: unknown, file: string, world: VectorWorld): Promise<string[]> {
  const parsed = caseSchema.safeParse(raw);
  if (!parsed.success) {
    const { data: id = 'a case' } = z
      .object({ id: z.string() })
      .transform((item) => item.id)
      .safeParse(raw);
    const mistakes = parsed.error.issues.map(
      (issue) => `${issue.path.join('.')}: ${issue.message}`,
    );
    return [`${id}: expected the form of a case in ${file}, got ${mistakes.join('; ')}`];
  }
  const { id, channel } = parsed.data;
  if (!channels.has(channel)) {
    return [`${id}: expected a served channel, got "${channel}", which is not available yet`];
  }
  try {
    const differences = await runCase(parsed.data, world);
    return differences.length === 0 ? [] : [`${id}: ${differences.join('; ')}`];
  } catch (error) {
    return [`${id}: expected an answer, got ${wording(error)}`];
  }
}

async function runCase(vectorCase: VectorCase, world: VectorWorld): Promise<string[]> {
  const server = await world.serve(vectorCase);
  try {
    const answer = await send(server.origin, vectorCase);
    return compare(vectorCase.expect, answer, await server.storedEvent());
  } finally {
    await server.close();
  }
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** An answer takes milliseconds; a case without one should not stop the run. */
const answerTimeoutMs = 10_000;

/** Headers go out as recorded: order, case and duplicates. */
async function send(origin: string, { request }: VectorCase): Promise<Answer> {
  const body = Buffer.from(request.body_base64, 'base64');
  const url = new URL(origin);
  const names = new Set(request.headers.map(([name]) => name.toLowerCase()));
  const missing: (readonly [string, string])[] = [
    ['Host', url.host],
    ['Connection', 'close'],
    ['Content-Length', String(body.length)],
  ];
  const headers = [
    ...missing.filter(([name]) => !names.has(name.toLowerCase())),
    ...request.headers,
  ].flat();
  const path = request.query === '' ? request.path : `${request.path}?${request.query}`;
  const { method } = request;
  const { hostname: host, port } = url;
  return new Promise((resolve, reject) => {
    const options = { host, port, path, method, headers, timeout: answerTimeoutMs, agent: false };
    const outgoing = openRequest(options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('error', reject);
      response.once('end', () => {
        const { statusCode: status = 0, headers: received } = response;
        resolve({ status, headers: received, body: Buffer.concat(chunks).toString() });
      });
    });
    outgoing.once('timeout', () => outgoing.destroy(new Error('No answer in time')));
    outgoing.once('error', reject);
    outgoing.end(body);
  });
}

type Expected = VectorCase['expect'];

function compare(expected: Expected, answer: Answer, event: VectorEvent | undefined): string[] {
  const { status, headers, body } = answer;
  const outcome = event?.kind ?? (status === 200 ? 'handshake' : 'rejected');
  const mediaType = headers['content-type']?.split(';')[0]?.trim();
  return [
    ...differ('outcome', expected.outcome, outcome),
    ...differ('status', expected.status, status),
    ...differ('reason', expected.reason, expected.reason && reasonOf(body)),
    ...differ('content type', expected.content_type, expected.content_type && mediaType),
    ...compareBody(expected, body),
    ...compareHeaders(expected, headers),
    ...(expected.event ? compareEvent(expected.event, event) : []),
  ];
}

function compareBody({ body, content_type }: Expected, got: string): string[] {
  if (body === undefined) return [];
  if (content_type !== 'application/json') return differ('body', body, got);
  return differ('body', parseOrText(body), parseOrText(got));
}

function compareHeaders({ response_headers = {} }: Expected, got: IncomingHttpHeaders): string[] {
  return Object.entries(response_headers).flatMap(([name, prefix]) => {
    const value = String(got[name.toLowerCase()] ?? '');
    return value.startsWith(prefix) ? [] : differ(`header ${name}`, prefix, value);
  });
}

function compareEvent(
  { type, id, payload = {}, redacted = [] }: NonNullable<Expected['event']>,
  event: VectorEvent | undefined,
): string[] {
  if (!event) return [`expected event ${type}, got none`];
  return [
    ...differ('event type', type, event.type),
    ...differ('event id', id, event.dedupeId),
    ...Object.entries(payload).flatMap(([pointer, value]) =>
      differ(`payload ${pointer}`, value, resolvePointer(event.payload, pointer)),
    ),
    ...redacted
      .filter((secret) => event.raw.includes(secret))
      .map((secret) => `expected "${secret}" to be redacted, got it stored`),
  ];
}

function differ(what: string, expected: unknown, got: unknown): string[] {
  if (isDeepStrictEqual(expected, got)) return [];
  return [`expected ${what} ${show(expected)}, got ${show(got)}`];
}

function show(value: unknown): string {
  return JSON.stringify(value) ?? 'nothing';
}

/** RFC 6901. */
function resolvePointer(value: unknown, pointer: string): unknown {
  const keys = pointer.split('/').slice(1);
  return keys
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<unknown>((inner, key) => {
      if (typeof inner !== 'object' || inner === null || !Object.hasOwn(inner, key)) {
        return undefined;
      }
      return Object.entries(inner).find(([name]) => name === key)?.[1];
    }, value);
}

function reasonOf(body: string): unknown {
  return z.object({ reason: z.unknown() }).safeParse(parseOrText(body)).data?.reason;
}

function parseOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function wording(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
