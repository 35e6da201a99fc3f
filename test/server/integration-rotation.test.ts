import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeIntegration, readSecrets } from './integration-api.ts';
import { serveApi } from './served-api.ts';
import type { ServedApi } from './served-api.ts';

const now = new Date('2026-05-04T12:00:00Z');
const hour = 3_600_000;

let api: ServedApi;
beforeAll(async () => {
  api = await serveApi({ now: () => now });
});
afterAll(async () => api.close());

describe('rotation without an overlap', () => {
  const statesOf = async (id: string): Promise<string[]> =>
    (await readSecrets(api, id)).map(({ kind, state }) => `${kind} ${state}`);

  test('keeps the 20 newest of the ended secrets of a kind', async () => {
    const id = await makeIntegration(api, { channel: 'lark' });
    const path = `/v1/integrations/${id}/secrets`;
    const made: unknown[] = [];
    for (let count = 1; count <= 25; count += 1) {
      const { body } = await api.call('POST', path, { kind: 'encrypt_key', overlap_s: 0 });
      made.unshift(body['id']);
    }
    const keys = (await readSecrets(api, id)).filter(({ kind }) => kind === 'encrypt_key');
    expect(keys.map((secret) => secret.id)).toEqual(made.slice(0, 21));
    expect(await statesOf(id)).toContain('verification_token active');
  });

  test('takes away no valid one, however old, and none of another kind', async () => {
    const id = await makeIntegration(api, { channel: 'github' });
    const path = `/v1/integrations/${id}/secrets`;
    await api.call('POST', path, { kind: 'platform' });
    await api.call('POST', path, { kind: 'platform', overlap_s: 0 });
    for (let count = 1; count <= 8; count += 1) await api.call('POST', path, {});
    const ended = Array.from({ length: 25 }, (_, index) => ({
      id: `sec_${id}_${index}`,
      integration_id: id,
      kind: 'secret',
      sealed: Buffer.alloc(1),
      created_at: new Date(Date.now() + 24 * hour),
      expires_at: new Date(now.getTime() - index),
    }));
    await api.db('integration_secrets').insert(ended);
    await api.call('POST', path, {});
    const states = await statesOf(id);
    const count = (state: string): number => states.filter((each) => each === state).length;
    expect([count('secret active'), count('secret expiring')]).toEqual([1, 9]);
    expect(count('secret expired')).toBe(20);
    expect([count('platform active'), count('platform expired')]).toEqual([1, 1]);
  });
});
