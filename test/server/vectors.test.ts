import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Koa from 'koa';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { channels } from '../../server/channels/index.ts';
import { ingress } from '../../server/ingress.ts';
import { listen } from '../../server/listen.ts';
import { checkVectors } from '../../server/vectors.ts';
import type { VectorCase, VectorEvent, VectorWorld } from '../../server/vectors.ts';
import type { Integration } from '../../src/domain/channel.ts';
import type { Event } from '../../src/domain/event.ts';
import { payloadOf } from '../../src/runtime/body.ts';
import { bareIntegration } from '../support/integration.ts';

const vectors = fileURLToPath(new URL('../fixtures/vectors', import.meta.url));
const dedupeWindowMs = 72 * 3600 * 1000;

function toIntegration({ channel, integration }: VectorCase): Integration {
  const { mode, scheme = null, username = null, dedupe = null } = integration;
  return {
    ...bareIntegration,
    channel,
    mode,
    scheme,
    username,
    dedupe,
    receiveId: integration.receive_id ?? null,
    toleranceS: integration.tolerance_s ?? null,
    secrets: integration.secrets.map(({ kind, value, expires_at }, index) => ({
      id: `sec_${index}`,
      kind,
      value,
      expiresAt: expires_at === null ? null : new Date(expires_at * 1000),
    })),
  };
}

/** The real ingress over real HTTP; only what is behind `accept` is a list in memory. */
const world: VectorWorld = {
  async serve(vectorCase) {
    const integration = toIntegration(vectorCase);
    const now = new Date(vectorCase.now * 1000);
    let stored: VectorEvent | undefined;
    const isDuplicate = ({ dedupeId }: Event): boolean =>
      (vectorCase.accepted_before ?? []).some(
        ({ id, at }) => id === dedupeId && now.getTime() - at * 1000 <= dedupeWindowMs,
      );
    const app = new Koa().use(
      ingress({
        findIntegration: async () => integration,
        accept: async (event) => {
          const kind = isDuplicate(event) ? 'duplicate' : 'accepted';
          const { type, dedupeId, headers, query, body, contentType } = event;
          const raw = `${JSON.stringify(headers)}\n${query}\n${body.toString()}`;
          const payload = payloadOf({ source: event.source, body, contentType });
          stored = { kind, type, dedupeId, payload, raw };
          return { kind, eventId: event.id, start: () => undefined };
        },
        countUse: () => undefined,
        keepRejected: () => undefined,
        now: () => now,
        maxBodyBytes: 25 * 1_048_576,
        toleranceS: 300,
        log: pino({ level: 'silent' }),
      }),
    );
    const server = await listen(app, { host: '127.0.0.1', port: 0 });
    return {
      origin: `http://127.0.0.1:${server.port}`,
      storedEvent: async () => stored,
      close: () => server.close(),
    };
  },
};

describe('checkVectors()', () => {
  let dir: string;
  let lines: string[];
  const say = (line: string): void => void lines.push(line);

  beforeEach(async () => {
    lines = [];
    dir = await mkdtemp(join(tmpdir(), 'vectors-'));
  });

  afterEach(() => rm(dir, { recursive: true }));

  test('every recorded case is as expected', async () => {
    const code = await checkVectors(vectors, world, say);
    const [last] = lines.slice(-1);
    expect(lines.slice(0, -1)).toEqual([]);
    expect(last).toMatch(/^\d+ passed, 0 failed$/);
    expect(Number.parseInt(last ?? '', 10)).toBeGreaterThanOrEqual(91);
    expect(code).toBe(0);
  });

  const wellFormed = {
    id: 'x-1',
    channel: 'generic',
    integration: { mode: 'platform', secrets: [] },
    now: 1,
    request: {
      method: 'POST',
      path: '/v1/webhook/generic',
      query: '',
      headers: [],
      body_base64: '',
    },
    expect: { outcome: 'rejected', status: 401, reason: 'signature_missing' },
  };

  test('passes a case that is as expected', async () => {
    await writeFile(join(dir, 'a.json'), JSON.stringify([wellFormed]));
    expect(await checkVectors(dir, world, say)).toBe(0);
    expect(lines).toEqual(['1 passed, 0 failed']);
  });

  test.each([
    ['another status', { ...wellFormed.expect, status: 200 }, 'x-1: expected status 200, got 401'],
    [
      'another reason',
      { ...wellFormed.expect, reason: 'x' },
      'x-1: expected reason "x", got "signature_missing"',
    ],
    [
      'another outcome',
      { ...wellFormed.expect, outcome: 'handshake' },
      'x-1: expected outcome "handshake", got "rejected"',
    ],
    [
      'a header',
      { ...wellFormed.expect, response_headers: { Allow: 'P' } },
      'x-1: expected header Allow "P", got ""',
    ],
    [
      'an event',
      { ...wellFormed.expect, event: { type: 't', id: null } },
      'x-1: expected event t, got none',
    ],
  ])('fails a case that expects %s', async (_, expected, line) => {
    await writeFile(join(dir, 'a.json'), JSON.stringify([{ ...wellFormed, expect: expected }]));
    expect(await checkVectors(dir, world, say)).toBe(1);
    expect(lines).toEqual([line, '0 passed, 1 failed']);
  });

  test.each([
    ['no JSON', '{', 'expected a JSON array of cases, got'],
    ['no array', '{}', 'expected a JSON array of cases'],
    ['a case without its form', '[{"id":"x-2"}]', 'x-2: expected the form of a case in a.json'],
  ])('says in one line that a file holds %s', async (_, text, line) => {
    await writeFile(join(dir, 'a.json'), text);
    expect(await checkVectors(dir, world, say)).toBe(1);
    expect(lines).toEqual([expect.stringContaining(line), '0 passed, 1 failed']);
  });

  test('fails a case of a channel that is not served', async () => {
    if (channels.has('wecom')) return;
    await writeFile(join(dir, 'a.json'), JSON.stringify([{ ...wellFormed, channel: 'wecom' }]));
    expect(await checkVectors(dir, world, say)).toBe(1);
    expect(lines[0]).toContain('"wecom", which is not available yet');
  });

  test('fails a folder without files', async () => {
    expect(await checkVectors(join(dir, 'nowhere'), world, say)).toBe(1);
    expect(lines.at(-1)).toBe('0 passed, 0 failed');
  });
});
