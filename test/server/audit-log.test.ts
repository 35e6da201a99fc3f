import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serveApi } from './served-api.ts';
import type { ServedApi } from './served-api.ts';

let api: ServedApi;
const ids: string[] = [];
beforeAll(async () => {
  api = await serveApi();
  for (const name of ['first', 'second']) {
    const { body } = await api.call('POST', '/v1/api-keys', { name, scopes: ['read'] });
    ids.push(String(body['id']));
  }
  await api.call('DELETE', `/v1/api-keys/${ids[0]}`);
});
afterAll(async () => api.close());

async function list(query: string): Promise<string[]> {
  const { body } = await api.call('GET', `/v1/audit-log${query}`);
  const data = body['data'] as { action: string; subject: string }[];
  return data.map(({ action, subject }) => `${action} ${ids.indexOf(subject)}`);
}

describe('GET /v1/audit-log', () => {
  test('says who did what to which thing, newest first', async () => {
    const { body } = await api.call('GET', '/v1/audit-log?limit=1');
    expect(body).toEqual({
      data: [
        {
          id: expect.stringMatching(/^aud_/) as string,
          at: expect.any(String) as string,
          actor: expect.stringMatching(/^key_/) as string,
          action: 'api_key.revoke',
          subject: ids[0],
          detail: {},
        },
      ],
      next_cursor: expect.any(String) as string,
    });
    const cursor = String(body['next_cursor']);
    expect(await list(`?cursor=${cursor}`)).toEqual(['api_key.create 1', 'api_key.create 0']);
  });

  test('is filtered by action and by subject', async () => {
    expect(await list('?action=api_key.create')).toEqual(['api_key.create 1', 'api_key.create 0']);
    expect(await list(`?subject=${ids[0]}`)).toEqual(['api_key.revoke 0', 'api_key.create 0']);
    expect(await list(`?subject=${ids[1]}&action=api_key.revoke`)).toEqual([]);
    expect((await api.call('GET', '/v1/audit-log?actor=x')).status).toBe(422);
  });

  test('a browser acts as the console', async () => {
    const headers = {
      Cookie: await api.logIn(),
      'Sec-Fetch-Site': 'same-origin',
      'Content-Type': 'application/json',
    };
    const body = JSON.stringify({ name: 'from a page', scopes: ['read'] });
    const made = await api.fetch('/v1/api-keys', { method: 'POST', headers, body });
    const log = await api.fetch(`/v1/audit-log?subject=${String(made.body['id'])}`, { headers });
    expect(log.body['data']).toMatchObject([
      { actor: 'console', detail: { name: 'from a page', scopes: ['read'], expires_at: null } },
    ]);
  });

  test("shows nothing of another tenant's", async () => {
    const headers = { Authorization: `Bearer ${await api.makeKey(['read'])}` };
    for (const query of ['', `?subject=${ids[0]}`, '?action=api_key.create']) {
      const { body } = await api.fetch(`/v1/audit-log${query}`, { headers });
      expect(body).toEqual({ data: [], next_cursor: null });
    }
  });

  test('a page is read from an index, filtered or not', async () => {
    const filters = ['', 'and action = ?', 'and subject = ?'];
    const plans = await api.db.transaction(async (tx) => {
      await tx.raw('set local enable_seqscan = off; set local enable_sort = off');
      const read: string[] = [];
      for (const filter of filters) {
        const values = ['ten_1', ...(filter === '' ? [] : ['x'])];
        const { rows } = await tx.raw<{ rows: Record<string, string>[] }>(
          `explain select * from audit_log where tenant_id = ? ${filter} order by id desc limit 51`,
          values,
        );
        read.push(rows.map((row) => row['QUERY PLAN']).join('\n'));
      }
      return read;
    });
    const used = plans.map((plan) => /audit_log_of_\w+/.exec(plan)?.[0]);
    expect(used).toEqual(['audit_log_of_tenant', 'audit_log_of_action', 'audit_log_of_subject']);
    for (const plan of plans) expect(plan).not.toMatch(/Sort|Filter/);
  });
});
