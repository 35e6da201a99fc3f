import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pino } from 'pino';
import { channelNames, schemes } from '../../src/domain/channel.ts';
import { makeIntegration, secretsOf } from './integration-api.ts';
import type { SecretAnswer } from './integration-api.ts';
import { addEvent } from './rows.ts';
import { serveApi } from './served-api.ts';
import type { ServedApi } from './served-api.ts';

const logged: string[] = [];
const changed: string[] = [];

let api: ServedApi;
beforeAll(async () => {
  api = await serveApi({
    log: pino({ level: 'trace' }, { write: (line: string) => void logged.push(line) }),
    onIntegrationChange: (id) => void changed.push(id),
  });
});
afterAll(async () => api.close());

describe('POST /v1/integrations', () => {
  test.each(channelNames)('makes one of the channel %s in its first scheme', async (channel) => {
    const [{ mode, scheme, kinds, needsReceiveId }] = schemes[channel];
    const receive = needsReceiveId === true ? { receive_id: 'ww1' } : {};
    const made = await api.call('POST', '/v1/integrations', { channel, ...receive });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({
      channel,
      mode,
      scheme,
      username: null,
      receive_id: receive.receive_id ?? null,
      tolerance_s: null,
      dedupe: null,
      description: null,
      state: 'enabled',
      url: `https://durahook.example/v1/webhook/${channel}/${String(made.body['id'])}`,
    });
    expect(
      secretsOf(made)
        .map(({ kind }) => kind)
        .toSorted(),
    ).toEqual(kinds.toSorted());
    expect(made.headers.get('Location')).toBe(`/v1/integrations/${String(made.body['id'])}`);
    expect(changed.at(-1)).toBe(made.body['id']);
  });

  const every = channelNames.flatMap((channel) =>
    schemes[channel].map((scheme) => ({ channel, ...scheme })),
  );
  test.each(every)('makes $channel in mode $mode, scheme $scheme', async (wanted) => {
    const { channel, mode, scheme, kinds, needsUsername, needsReceiveId } = wanted;
    const made = await api.call('POST', '/v1/integrations', {
      channel,
      mode,
      scheme,
      ...(needsUsername === true && { username: 'gerrit' }),
      ...(needsReceiveId === true && { receive_id: '' }),
    });
    expect(made.body).toMatchObject({ channel, mode, scheme });
    expect(secretsOf(made)).toHaveLength(kinds.length);
  });

  test('keeps what it was given', async () => {
    const settings = {
      channel: 'gerrit',
      scheme: 'basic',
      username: 'review',
      tolerance_s: 60,
      dedupe: 'hash',
      description: 'Main\nserver',
    };
    const made = await api.call('POST', '/v1/integrations', {
      ...settings,
      secrets: { password: 'a given password' },
    });
    expect(made.body).toMatchObject({ ...settings, mode: 'token' });
    expect(secretsOf(made)).toMatchObject([
      {
        kind: 'password',
        value: 'a given password',
        state: 'active',
        expires_at: null,
        used_count: 0,
        last_used_at: null,
        safe_to_drop: null,
        safe_to_drop_reason: null,
      },
    ]);
  });

  test.each([
    [{}, ['encrypt_key', 'verification_token']],
    [{ verification_token: 'v-token-' }, ['verification_token']],
    [{ encrypt_key: 'e-key-of' }, ['encrypt_key']],
    [
      { encrypt_key: 'e-key-of', verification_token: 'v-token-' },
      ['encrypt_key', 'verification_token'],
    ],
  ])('of Lark, for which one kind is enough, %j makes %j', async (secrets, kinds) => {
    const made = await api.call('POST', '/v1/integrations', { channel: 'lark', secrets });
    const values = secretsOf(made).map(({ kind, value = '' }) => [kind, value] as const);
    expect(values.map(([kind]) => kind).toSorted()).toEqual(kinds);
    expect(Object.fromEntries(values)).toMatchObject(secrets);
  });

  test('a value is shown once, lies sealed, and is in no log', async () => {
    const secret = 'PLAIN-VALUE-OF-A-SECRET';
    const made = await api.call('POST', '/v1/integrations', {
      channel: 'github',
      secrets: { secret },
    });
    const id = String(made.body['id']);
    const path = `/v1/integrations/${id}`;
    expect(secretsOf(made)[0]?.value).toBe(secret);
    const rotated = await api.call('POST', `${path}/secrets`, { value: `${secret}-2` });
    expect(rotated.body['value']).toBe(`${secret}-2`);
    const read = [
      await api.call('GET', path),
      await api.call('GET', '/v1/integrations?channel=github&limit=200'),
      await api.call('PATCH', path, { description: 'x' }),
    ];
    for (const { status, text } of read) {
      expect(status).toBe(200);
      expect(text).not.toContain(secret);
      expect(text).not.toContain('"value"');
    }
    const rows = await api.db('integration_secrets').where({ integration_id: id });
    expect(rows).toHaveLength(2);
    for (const { sealed } of rows) expect(sealed.toString('latin1')).not.toContain(secret);
    await api.call('POST', '/v1/integrations', {
      channel: 'github',
      secrets: { secret: `${secret}\n` },
    });
    expect(logged.join('')).not.toContain(secret);
  });
});

describe('GET /v1/integrations', () => {
  test('a cursor walks over every integration once, newest first, of one channel when asked', async () => {
    const paged = await serveApi();
    const ids: unknown[] = [];
    for (const channel of ['github', 'gitlab', 'github', 'gitlab', 'github']) {
      const { body } = await paged.call('POST', '/v1/integrations', { channel });
      if (channel === 'github') ids.unshift(body['id']);
    }
    const seen: unknown[] = [];
    const sizes: number[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const from: string = cursor === '' ? '' : `&cursor=${cursor}`;
      const { body } = await paged.call('GET', `/v1/integrations?channel=github&limit=2${from}`);
      const data = body['data'] as { id: string; secrets: SecretAnswer[] }[];
      for (const { secrets } of data) expect(secrets).toHaveLength(1);
      seen.push(...data.map(({ id }) => id));
      sizes.push(data.length);
      cursor = body['next_cursor'] as string | null;
    }
    expect(seen).toEqual(ids);
    expect(sizes).toEqual([2, 1]);
    const all = await paged.call('GET', '/v1/integrations');
    expect(all.body['data']).toHaveLength(5);
    expect((await paged.call('GET', '/v1/integrations?channel=jira')).status).toBe(422);
    await paged.close();
  });
});

describe('DELETE /v1/integrations/{id}', () => {
  test('takes the secrets along and leaves the events', async () => {
    const id = await makeIntegration(api, { channel: 'github' });
    const eventId = await addEvent(api, { integration_id: id });
    changed.length = 0;
    const deleted = await api.call('DELETE', `/v1/integrations/${id}`);
    expect([deleted.status, deleted.text, changed]).toEqual([204, '', [id]]);
    expect(await api.db('integration_secrets').where({ integration_id: id })).toEqual([]);
    expect((await api.call('GET', `/v1/events/${eventId}`)).status).toBe(200);
    expect((await api.call('GET', `/v1/integrations/${id}`)).status).toBe(404);
    expect((await api.call('DELETE', `/v1/integrations/${id}`)).status).toBe(404);
    expect(changed).toEqual([id]);
  });
});

describe("another tenant's integration", () => {
  test('is not there, in any route, and stays as it was', async () => {
    const id = await makeIntegration(api, { channel: 'github' });
    const before = await api.call('GET', `/v1/integrations/${id}`);
    const key = await api.makeKey(['read', 'write']);
    const path = `/v1/integrations/${id}`;
    changed.length = 0;
    const calls: [string, string, object?][] = [
      ['GET', path],
      ['PATCH', path, { state: 'disabled' }],
      ['PATCH', path, {}],
      ['PATCH', path, { mode: 'platform' }],
      ['POST', `${path}/secrets`, {}],
      ['POST', `${path}/secrets`, { kind: 'nothing' }],
      ['DELETE', `${path}/secrets/${secretsOf(before)[0]?.id}`],
      ['DELETE', path],
    ];
    for (const [method, place, body] of calls) {
      const answer = await api.fetch(place, {
        method,
        headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' },
        ...(body && { body: JSON.stringify(body) }),
      });
      expect([method, place, answer.status]).toEqual([method, place, 404]);
    }
    const list = await api.fetch('/v1/integrations', {
      headers: { Authorization: `Bearer ${key}` },
    });
    expect(list.body).toEqual({ data: [], next_cursor: null });
    expect((await api.call('GET', path)).body).toEqual(before.body);
    expect(changed).toEqual([]);
  });
});

describe('the OpenAPI document', () => {
  test('names both ids of a path', async () => {
    const { body } = await api.fetch('/openapi.json');
    const paths = body['paths'] as Record<string, { delete: { parameters: { name: string }[] } }>;
    const operation = paths['/v1/integrations/{id}/secrets/{secret_id}']?.delete;
    expect(operation?.parameters.map(({ name }) => name)).toEqual(['id', 'secret_id']);
  });
});
