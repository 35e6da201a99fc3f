import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { bodyOf, bytesOf, insertHeaders, readCases, sendRaw } from '../support/raw-http.ts';
import type { RawAnswer, RawCase, RawOutcome } from '../support/raw-http.ts';
import { serveIngress } from '../support/serve-ingress.ts';
import type { ServedIngress } from '../support/serve-ingress.ts';

/**
 * The corpus of hostile HTTP, case by case on a connection of its own, against the server as it is
 * started in production. Its format is told by `about` in the file.
 */
const corpus: unknown = JSON.parse(readFileSync('test/fixtures/bad-http.json', 'utf8'));
const cases = readCases(corpus);

/**
 * The corpus takes `generic` for a channel of JSON objects. It takes any body (providers.md §2; the
 * vectors generic-35, -36, -38 and -47 hold it to that), so these go to a channel that is one:
 * github, behind a relay that signs like the corpus does.
 */
const jsonOnly = new Set(['json-empty', 'json-null', 'json-array', 'ct-form', 'ct-xml']);

/** The whole corpus was seen to add 8 MiB; each body over the cap that is kept would add 2. */
const rssGrowthMax = 67_108_864;

let server: ServedIngress;
let rssBefore: number;

beforeAll(async () => {
  server = await serveIngress({
    maxBodyBytes: 1_048_576,
    integrations: [
      { id: 'corpus-open', channel: 'generic', mode: 'platform', kind: 'platform' },
      { id: 'corpus-github', channel: 'github', mode: 'native', kind: 'secret' },
      { id: 'corpus-json', channel: 'github', mode: 'platform', kind: 'platform' },
      {
        id: 'corpus-gitlab',
        channel: 'gitlab',
        mode: 'native',
        scheme: 'secret_token',
        kind: 'secret_token',
      },
    ],
  });
  for (let number = 1; number <= 20; number += 1) await control(`warm-up-${number}`);
  rssBefore = server.rssBytes();
});
afterAll(() => server.close());

describe.concurrent('bad-http', () => {
  test.for(cases)('$id: $why', async (rawCase) => {
    const bytes = prepare(rawCase);
    const outcome = await sendRaw({ port: server.port, bytes, expect: rawCase.expect });
    const deviations = [
      ...refuteOutcome(rawCase.expect, outcome),
      ...outcome.answers.flatMap(refuteProblem),
      ...(await refuteRows(rawCase, { outcome, body: bodyOf(bytes) })),
    ];
    const shown = deviations.length === 0 ? '' : outcome.text.slice(0, 1000);
    expect({ deviations, shown }).toEqual({ deviations: [], shown: '' });
    await control(`control-${rawCase.id}`);
  });
});

describe('after all cases', () => {
  test('there is a row for each accepted request and for nothing else', async () => {
    const rows = await server.db('events').select('dedupe_id');
    const ids = rows.map(({ dedupe_id }) => dedupe_id ?? 'none');
    const unexpected = ids.filter((id) => !/^(?:warm-up|control)-/.test(id) && !mayBeAccepted(id));
    expect(unexpected).toEqual([]);
    expect(new Set(ids).size).toBe(ids.length);
    expect(await server.db('trigger_runs')).toEqual([]);
  });

  test('the log tells no secret', () => {
    expect(server.log()).toContain('signature_missing');
    expect(server.log()).not.toContain(server.secret);
    expect(server.log()).not.toContain('unhandled');
  });

  test('memory has not grown, and no connection is left', async () => {
    const grownBytes = server.rssBytes() - rssBefore;
    process.stdout.write(`RSS grew by ${Math.round(grownBytes / 1_048_576)} MiB\n`);
    expect(grownBytes).toBeLessThan(rssGrowthMax);
    await expect.poll(() => server.openSockets() ?? 0, { timeout: 90_000 }).toBe(0);
  });
});

/** The id comes back as the event's `dedupe_id`: the row of a case is told from all others. */
function prepare(rawCase: RawCase): Buffer {
  const bytes = bytesOf(rawCase);
  if (rawCase.group === 'auth') return bytes;
  const signed = server.sign(bodyOf(bytes));
  if (!jsonOnly.has(rawCase.id)) {
    return insertHeaders(bytes, [...signed, `X-Webhook-Id: ${rawCase.id}`]);
  }
  const text = bytes.toString('latin1').replace('generic/corpus-open', 'github/corpus-json');
  const github = ['X-GitHub-Event: push', `X-GitHub-Delivery: ${rawCase.id}`];
  return insertHeaders(Buffer.from(text, 'latin1'), [...signed, ...github]);
}

/** A well-formed request on a new connection, to the same process. */
async function control(id: string): Promise<void> {
  const body = '{"control":true}';
  const head = [
    'POST /v1/webhook/generic/corpus-open HTTP/1.1',
    'Host: localhost',
    `Content-Length: ${body.length}`,
    `X-Webhook-Id: ${id}`,
    ...server.sign(Buffer.from(body)),
  ];
  const { answers } = await sendRaw({
    port: server.port,
    bytes: Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`),
    expect: { status: [200], alive: true, max_wait_ms: 5000, interim: [] },
  });
  expect(answers.map(({ status }) => status)).toEqual([200]);
  expect(server.isAlive()).toBe(true);
}

/** What is off, in words; nothing when all is as expected. */
function deviationsOf(claims: Readonly<Record<string, boolean>>): string[] {
  return Object.entries(claims)
    .filter(([, isTrue]) => !isTrue)
    .map(([claim]) => claim);
}

function refuteOutcome(expected: RawCase['expect'], outcome: RawOutcome): string[] {
  const statuses = outcome.answers.map(({ status }) => status);
  const count = statuses.length === 0 ? 0 : (expected.responses ?? 1);
  const reflected = expected.must_not_reflect;
  return deviationsOf({
    [`is one of ${expected.status.join(', ')}`]: expected.status.includes(statuses[0] ?? null),
    [`has ${count} answers`]: statuses.length === count,
    'is answered or closed': statuses.length > 0 || outcome.isClosed,
    'has no other interim': outcome.interim.every((status) => expected.interim.includes(status)),
    'is no failure': statuses.every((status) => status < 500 || [501, 505].includes(status)),
    closes: expected.closes !== true || outcome.isClosed,
    'comes in time': outcome.tookMs < expected.max_wait_ms,
    'reflects nothing': reflected === undefined || !outcome.text.includes(reflected),
  });
}

const leaks =
  /\n\s+at |node_modules|\/work\/|\.ts\b|\b(?:select|insert into|update)\b|etc\/passwd/i;

/** Node's parser answers without a `Date` and without a body; everything else is ours. */
function refuteProblem({ status, headers, body }: RawAnswer): string[] {
  if (status < 400 || (!headers.has('date') && body === '')) return [];
  const problem: unknown = JSON.parse(body);
  return deviationsOf({
    'is a problem': headers.get('content-type')?.startsWith('application/problem+json') === true,
    'names its status': z.looseObject({ status: z.literal(status) }).safeParse(problem).success,
    'leaks nothing': !leaks.test(body) && !body.includes(server.secret),
    'names the methods': status !== 405 || headers.has('allow'),
  });
}

async function refuteRows(
  { id, expect: expected }: RawCase,
  { outcome, body }: { outcome: RawOutcome; body: Buffer },
): Promise<string[]> {
  const rows = await server.db('events').where({ dedupe_id: id });
  const isAccepted = (outcome.answers[0]?.status ?? 500) < 300;
  return deviationsOf({
    'has its row': rows.length === ((expected.accepted ?? isAccepted) ? 1 : 0),
    'is stored as sent': rows.every((row) => row.body.equals(body)),
  });
}

function mayBeAccepted(id: string): boolean {
  return cases.some((known) => known.id === id && known.expect.accepted !== false);
}
