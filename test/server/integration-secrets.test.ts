import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeIntegration, readSecrets, refusalOf } from './integration-api.ts';
import { serveApi } from './served-api.ts';
import type { ServedApi } from './served-api.ts';

const now = new Date('2026-05-04T12:00:00Z');
const minute = 60_000;
const hour = 60 * minute;
const changed: string[] = [];

let api: ServedApi;
beforeAll(async () => {
  api = await serveApi({
    now: () => now,
    onIntegrationChange: (id) => void changed.push(id),
  });
});
afterAll(async () => api.close());

describe('POST /v1/integrations/{id}/secrets', () => {
  test.each([
    [{}, '2026-05-05T12:00:00.000Z', 'expiring'],
    [{ overlap_s: 604_800 }, '2026-05-11T12:00:00.000Z', 'expiring'],
    [{ overlap_s: 0 }, '2026-05-04T12:00:00.000Z', 'expired'],
  ])('with %j ends the earlier one at %s', async (body, expires_at, state) => {
    const id = await makeIntegration(api, { channel: 'github' });
    changed.length = 0;
    const made = await api.call('POST', `/v1/integrations/${id}/secrets`, body);
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({ kind: 'secret', state: 'active', expires_at: null });
    expect(made.body['value']).toMatch(/^[A-Za-z0-9]{32}$/);
    expect(changed).toEqual([id]);
    expect(await readSecrets(api, id)).toMatchObject([
      { id: made.body['id'], state: 'active', expires_at: null },
      { state, expires_at },
    ]);
  });

  test('never gives an earlier one more time than it had', async () => {
    const id = await makeIntegration(api, { channel: 'github' });
    await api.call('POST', `/v1/integrations/${id}/secrets`, { overlap_s: 60 });
    await api.call('POST', `/v1/integrations/${id}/secrets`, { overlap_s: 3600 });
    const ends = (await readSecrets(api, id)).map(({ expires_at }) => expires_at);
    expect(ends).toEqual([null, '2026-05-04T13:00:00.000Z', '2026-05-04T12:01:00.000Z']);
  });

  test('leaves the secrets of other kinds alone', async () => {
    const id = await makeIntegration(api, { channel: 'wecom', receive_id: 'ww1' });
    const path = `/v1/integrations/${id}/secrets`;
    expect(refusalOf(await api.call('POST', path, {}))).toEqual([
      422,
      '/kind: Name one of: token, aes_key',
    ]);
    await api.call('POST', path, { kind: 'token' });
    const states = (await readSecrets(api, id)).map(({ kind, state }) => `${kind} ${state}`);
    expect(states.toSorted()).toEqual(['aes_key active', 'token active', 'token expiring']);
  });

  test('two at the same time leave one without an end', async () => {
    const id = await makeIntegration(api, { channel: 'github' });
    await Promise.all(
      [1, 2, 3, 4, 5].map(() => api.call('POST', `/v1/integrations/${id}/secrets`, {})),
    );
    const states = (await readSecrets(api, id)).map(({ state }) => state);
    expect(states).toEqual(['active', ...Array.from({ length: 5 }, () => 'expiring')]);
  });

  test.each([
    [{ kind: 'secret_token' }, '/kind: Name one of: secret, platform'],
    [{ kind: '' }, '/kind: Name one of: secret, platform'],
    [{ value: '' }, '/value: Must have 8 to 1024 characters'],
    [{ value: 'a secre' }, '/value: Must have 8 to 1024 characters'],
    [{ value: 'a secret ' }, '/value: Must not begin or end with a blank'],
    [{ value: 'a secret\0' }, '/value: Must not contain control characters'],
    [{ overlap_s: -1 }, '/overlap_s: Too small: expected number to be >=0'],
    [{ overlap_s: 604_801 }, '/overlap_s: Too big: expected number to be <=604800'],
    [{ secret: 'x' }, '/secret: Unknown field'],
  ])('refuses %j', async (body, refusal) => {
    const id = await makeIntegration(api, { channel: 'github' });
    changed.length = 0;
    const answer = await api.call('POST', `/v1/integrations/${id}/secrets`, body);
    expect(refusalOf(answer)).toEqual([422, refusal]);
    expect(await readSecrets(api, id)).toMatchObject([{ state: 'active' }]);
    expect(changed).toEqual([]);
  });

  test('takes ten valid ones of a kind, and no eleventh', async () => {
    const id = await makeIntegration(api, { channel: 'github' });
    const path = `/v1/integrations/${id}/secrets`;
    for (let count = 2; count <= 10; count += 1) {
      expect((await api.call('POST', path, {})).status).toBe(201);
    }
    const before = await readSecrets(api, id);
    expect(refusalOf(await api.call('POST', path, { overlap_s: 60 }))).toEqual([
      422,
      ': Has 10 valid secrets of the kind secret: revoke one first',
    ]);
    expect(await readSecrets(api, id)).toEqual(before);
    expect((await api.call('POST', path, { kind: 'platform' })).status).toBe(201);
    await api.call('DELETE', `${path}/${before.at(-1)?.id}`);
    expect((await api.call('POST', path, {})).status).toBe(201);
    expect((await api.call('POST', path, { overlap_s: 0 })).status).toBe(201);
  });
});

describe('DELETE /v1/integrations/{id}/secrets/{secret_id}', () => {
  test('ends it now and keeps the row, however often', async () => {
    const id = await makeIntegration(api, { channel: 'github' });
    const [secret] = await readSecrets(api, id);
    changed.length = 0;
    const path = `/v1/integrations/${id}/secrets/${secret?.id}`;
    for (const answer of [await api.call('DELETE', path), await api.call('DELETE', path)]) {
      expect([answer.status, answer.text]).toEqual([204, '']);
    }
    expect(changed).toEqual([id, id]);
    expect(await readSecrets(api, id)).toMatchObject([
      { id: secret?.id, state: 'revoked', expires_at: now.toISOString(), safe_to_drop: null },
    ]);
  });

  test('does not move the end of one that has ended, nor the first instant', async () => {
    const id = await makeIntegration(api, { channel: 'github' });
    const [secret] = await readSecrets(api, id);
    const row = api.db('integration_secrets').where({ id: secret?.id ?? '' });
    const before = new Date(now.getTime() - hour);
    await row.clone().update({ expires_at: before, revoked_at: before });
    await api.call('DELETE', `/v1/integrations/${id}/secrets/${secret?.id}`);
    expect(await row.clone().first()).toMatchObject({ expires_at: before, revoked_at: before });
  });

  test("a secret of another integration is not found under this one's address", async () => {
    const [one, other] = [
      await makeIntegration(api, { channel: 'github' }),
      await makeIntegration(api, { channel: 'github' }),
    ];
    const [secret] = await readSecrets(api, other);
    const path = `/v1/integrations/${one}/secrets`;
    expect((await api.call('DELETE', `${path}/${secret?.id}`)).status).toBe(404);
    expect((await api.call('DELETE', `${path}/sec_none`)).status).toBe(404);
    expect((await api.call('DELETE', `${path}/sec%00`)).status).toBe(404);
    expect(await readSecrets(api, other)).toMatchObject([{ state: 'active' }]);
  });
});

describe('safe_to_drop', () => {
  interface Use {
    readonly used_count: number;
    readonly last_used_at: Date;
  }
  const used = (used_count: number, agoMs: number): Use => ({
    used_count,
    last_used_at: new Date(now.getTime() - agoMs),
  });

  /** An older and a newer secret with their uses. */
  async function rotated(older: Use | undefined, newer: Use | undefined): Promise<string> {
    const id = await makeIntegration(api, { channel: 'github' });
    await api.call('POST', `/v1/integrations/${id}/secrets`, {});
    const [second, first] = await readSecrets(api, id);
    const write = async (secretId: string | undefined, use: Use | undefined): Promise<void> => {
      if (use)
        await api
          .db('integration_secrets')
          .where({ id: secretId ?? '' })
          .update(use);
    };
    await write(first?.id, older);
    await write(second?.id, newer);
    return id;
  }

  const noneYet = 'No request came with the newer secret yet';
  const verified = 'The newer secret has verified';
  const still = 'Still verified a request';
  test.each([
    { isSafe: false, reason: noneYet },
    { older: used(9, 5 * hour), isSafe: false, reason: noneYet },
    { newer: used(1, hour), isSafe: true, reason: `${verified} 1 request and this one none` },
    {
      older: used(9, 2 * hour),
      newer: used(12, 0),
      isSafe: true,
      reason: `${verified} 12 requests and this one none for 2 h`,
    },
    {
      older: used(9, 50 * hour),
      newer: used(12, hour),
      isSafe: true,
      reason: `${verified} 12 requests and this one none for 2 days`,
    },
    {
      older: used(9, hour + 1000),
      newer: used(12, 0),
      isSafe: true,
      reason: `${verified} 12 requests and this one none for 1 h`,
    },
    {
      older: used(9, hour),
      newer: used(12, 0),
      isSafe: false,
      reason: `${still} 1 h ago: a sender uses it`,
    },
    {
      older: used(9, 5 * minute),
      newer: used(12, 0),
      isSafe: false,
      reason: `${still} 5 min ago: a sender uses it`,
    },
    // The clock of another server may be ahead.
    {
      older: used(9, -3000),
      newer: used(12, 0),
      isSafe: false,
      reason: `${still} 0 s ago: a sender uses it`,
    },
    {
      older: used(9, 2 * hour),
      newer: used(12, 3 * hour),
      isSafe: false,
      reason:
        'Last verified a request 2 h ago, and the newer secret none since: wait for its next one',
    },
  ])('of the older one is $isSafe: "$reason"', async ({ older, newer, isSafe, reason }) => {
    expect(await readSecrets(api, await rotated(older, newer))).toMatchObject([
      { safe_to_drop: null, safe_to_drop_reason: null },
      { safe_to_drop: isSafe, safe_to_drop_reason: reason },
    ]);
  });

  test('counts what all newer ones have verified', async () => {
    const id = await rotated(used(9, 2 * hour), used(12, 0));
    await api.call('POST', `/v1/integrations/${id}/secrets`, {});
    expect(await readSecrets(api, id)).toMatchObject([
      { safe_to_drop: null },
      { safe_to_drop: false, safe_to_drop_reason: noneYet },
      {
        safe_to_drop: true,
        safe_to_drop_reason: `${verified} 12 requests and this one none for 2 h`,
      },
    ]);
  });

  test('a newer secret that was revoked is no reason to drop the older one', async () => {
    const id = await rotated(used(9, 2 * hour), used(12, 0));
    const [second] = await readSecrets(api, id);
    await api.call('DELETE', `/v1/integrations/${id}/secrets/${second?.id}`);
    expect(await readSecrets(api, id)).toMatchObject([
      { state: 'revoked', safe_to_drop: null },
      {
        state: 'expiring',
        safe_to_drop: false,
        safe_to_drop_reason: 'No newer secret of this kind is valid: make one first',
      },
    ]);
  });

  test('of a secret that has ended nothing is said', async () => {
    const id = await rotated(used(9, 2 * hour), used(12, 0));
    const [, first] = await readSecrets(api, id);
    await api.call('DELETE', `/v1/integrations/${id}/secrets/${first?.id}`);
    expect((await readSecrets(api, id))[1]).toMatchObject({
      state: 'revoked',
      safe_to_drop: null,
      safe_to_drop_reason: null,
    });
  });

  test('a newer secret of another kind does not count', async () => {
    const id = await makeIntegration(api, { channel: 'github' });
    await api.call('POST', `/v1/integrations/${id}/secrets`, { kind: 'platform' });
    expect(await readSecrets(api, id)).toMatchObject([
      { kind: 'platform', safe_to_drop: null },
      { kind: 'secret', safe_to_drop: null },
    ]);
  });
});
