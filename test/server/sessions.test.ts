import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeId } from '../../src/runtime/ids.ts';
import { openSession as open } from '../../src/store/sessions.ts';
import { serveApi } from './served-api.ts';
import type { ServedApi } from './served-api.ts';
import { entriesOf, openSession } from './served-sessions.ts';

let api: ServedApi;
beforeAll(async () => {
  api = await serveApi();
});
afterAll(async () => api.close());

async function idsOf(query: string): Promise<unknown[]> {
  const { status, body } = await api.call('GET', `/v1/sessions?${query}`);
  expect(status).toBe(200);
  return (body['data'] as Record<string, unknown>[]).map(({ id }) => id);
}

const idOf = (path: string): string => path.split('/').at(-1) ?? '';

describe('POST /v1/sessions', () => {
  test('answers 201 and where the session is, and has its workflow started', async () => {
    const wakes = api.wakes();
    const input = { pr_url: 'https://git.example/pulls/1' };
    const asked = { name: 'code-review', user_id: 'lwei', input };
    const { status, headers, body } = await api.call('POST', '/v1/sessions', asked);
    expect({ status, body }).toMatchObject({
      status: 201,
      body: {
        ...asked,
        key: null,
        state: 'active',
        entry_count: 0,
        cost: null,
        entry_number: null,
      },
    });
    expect(headers.get('Location')).toBe(`/v1/sessions/${String(body['id'])}`);
    expect(api.wakes()).toBe(wakes + 1);
    const read = await api.call('GET', `/v1/sessions/${String(body['id'])}`);
    expect({ ...read.body, entry_number: null }).toEqual(body);
  });

  test('with a key that is open answers 200, and the input is an entry of that session', async () => {
    const path = await openSession(api, { key: 'pr-1' });
    const later = { name: 'code-review', key: 'pr-1', user_id: 'other', input: { comment: 'go' } };
    const { status, headers, body } = await api.call('POST', '/v1/sessions', later);
    expect({ status, body }).toMatchObject({
      status: 200,
      body: { id: idOf(path), user_id: 'lwei', entry_number: 1, entry_count: 1 },
    });
    expect(headers.get('Location')).toBeNull();
    expect(await entriesOf(api, path)).toMatchObject([
      { number: 1, kind: 'event', event_id: null, data: { comment: 'go' }, told_at: null },
    ]);
  });

  test.each([
    ['no name', { name: undefined }, '/name'],
    ['an empty name', { name: '' }, '/name'],
    ['a name of 101 characters', { name: 'x'.repeat(101) }, '/name'],
    ['an empty user', { user_id: '' }, '/user_id'],
    ['an empty key', { key: '' }, '/key'],
    ['a key of 501 characters', { key: 'x'.repeat(501) }, '/key'],
    ['a key with U+0000', { key: 'a\0b' }, '/key'],
    ['half a surrogate pair', { key: 'a\ud83d' }, '/key'],
    ['an unknown field', { inputs: 1 }, '/inputs'],
  ])('refuses %s', async (_name, over, pointer) => {
    const asked = { name: 'x'.repeat(100), user_id: 'lwei', key: 'k'.repeat(500) };
    expect((await api.call('POST', '/v1/sessions', asked)).status).toBeLessThan(300);
    const { status, body } = await api.call('POST', '/v1/sessions', { ...asked, ...over });
    expect(status).toBe(422);
    expect(body['errors']).toMatchObject([{ pointer }]);
  });
});

describe('GET /v1/sessions', () => {
  test('filters, each by what it names', async () => {
    const run = makeId('run');
    const event_id = makeId('evt');
    const created_at = new Date('2020-02-01T00:00:00Z');
    const id = makeId('ses', created_at);
    const row = { tenant_id: api.tenantId, user_id: 'lwei', input: {}, created_at };
    const opener = `${run}-c2`;
    await open(api.db, { ...row, id, name: 'triage', key: 'issue-7', opener, event_id });
    await openSession(api, { name: 'other', key: 'issue-8' });
    const queries = [
      'name=triage',
      'key=issue-7',
      'text=issue-7',
      `text=${id}`,
      `text=${id.slice(0, 15)}`,
      `text=${run}`,
      `text=${event_id}`,
      'to=2020-02-02T00:00:00Z',
      'state=active&name=triage',
    ];
    const found = await Promise.all(queries.map(async (query) => [query, await idsOf(query)]));
    expect(found).toEqual(queries.map((query) => [query, [id]]));
    expect(await idsOf('from=2020-02-02T00:00:00Z')).not.toContain(id);
    expect(await idsOf('name=triage&state=archived')).toEqual([]);
    expect(await idsOf('text=issue')).toEqual([]);
  });

  test('comes page by page, newest first', async () => {
    for (let i = 0; i < 3; i += 1) await openSession(api, { name: 'paged' });
    const first = await api.call('GET', '/v1/sessions?name=paged&limit=2');
    const all = await idsOf('name=paged');
    expect(all).toEqual(all.map(String).toSorted((a, b) => (a < b ? 1 : -1)));
    const cursor = String(first.body['next_cursor']);
    expect(await idsOf(`name=paged&limit=2&cursor=${cursor}`)).toEqual(all.slice(2));
  });

  test('shows nothing of another tenant', async () => {
    const path = await openSession(api);
    const key = await api.makeKey(['read', 'write']);
    const headers = { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' };
    const listed = await api.fetch('/v1/sessions', { headers });
    expect(listed.body).toEqual({ data: [], next_cursor: null });
    const reads = await Promise.all(
      ['', '/entries'].map((rest) => api.fetch(`${path}${rest}`, { headers })),
    );
    const writes = await Promise.all(
      Object.entries({
        archive: {},
        finish: { cost: 1 },
        steps: { id: '1', action: 'read', confidence: 1 },
        tools: { id: '1', tool_name: 'search', args: {} },
      }).map(([verb, body]) =>
        api.fetch(`${path}/${verb}`, { method: 'POST', headers, body: JSON.stringify(body) }),
      ),
    );
    expect([...reads, ...writes].map(({ status }) => status)).toEqual(Array(6).fill(404));
    expect((await api.call('GET', path)).body).toMatchObject({ state: 'active', entry_count: 0 });
  });
});

describe('GET /v1/sessions/{id}/entries', () => {
  test('goes on after a number, oldest first, and by kind', async () => {
    const path = await openSession(api, { key: 'entries' });
    for (let i = 0; i < 4; i += 1) await openSession(api, { key: 'entries', input: i });
    await api.call('POST', `${path}/archive`);
    const first = await api.call('GET', `${path}/entries?limit=2`);
    expect(first.body).toMatchObject({ data: [{ data: 0 }, { data: 1 }], next_cursor: '2' });
    const rest = await api.call('GET', `${path}/entries?after=2`);
    expect(rest.body).toMatchObject({
      data: [{ number: 3 }, { number: 4 }, { number: 5, kind: 'archive' }],
      next_cursor: null,
    });
    const archives = await api.call('GET', `${path}/entries?kind=archive`);
    expect(archives.body['data']).toMatchObject([{ number: 5 }]);
  });

  test.each(['after=-1', 'after=x', 'after=1.5', 'kind=steps'])('refuses %s', async (query) => {
    const path = await openSession(api);
    expect((await api.call('GET', `${path}/entries?${query}`)).status).toBe(422);
  });
});

describe('POST /v1/sessions/{id}/archive', () => {
  test('archives once, and says who did it in the audit log', async () => {
    const path = await openSession(api);
    const wakes = api.wakes();
    const first = await api.call('POST', `${path}/archive`);
    expect(first).toMatchObject({ status: 200, body: { state: 'archived', finished_at: null } });
    expect(first.body['archived_at']).not.toBeNull();
    const second = await api.call('POST', `${path}/archive`);
    expect(second.body).toEqual(first.body);
    expect(api.wakes()).toBe(wakes + 2);
    const audit = await api.call('GET', `/v1/audit-log?subject=${idOf(path)}`);
    expect(audit.body['data']).toMatchObject([{ action: 'session.archive', subject: idOf(path) }]);
  });
});

describe('GET /openapi.json', () => {
  test('tells an agent what it is asked', async () => {
    const { body } = await api.fetch('/openapi.json');
    const webhooks = body['webhooks'] as Record<string, unknown>;
    expect(Object.keys(webhooks).filter((name) => name.startsWith('agent.session.'))).toEqual([
      'agent.session.start',
      'agent.session.event',
      'agent.session.cancel',
    ]);
    expect(webhooks['agent.session.start']).toMatchObject({
      post: {
        parameters: [{ in: 'header', name: 'Idempotency-Key', required: true }],
        requestBody: { content: { 'application/json': { schema: { type: 'object' } } } },
      },
    });
  });
});

describe('the lists of sessions', () => {
  const mark = { tenant_id: 'ten_1' };
  test.each([
    ['the tenant', 'tenant_id = :tenant_id', 'sessions_of_tenant'],
    ['a state', `tenant_id = :tenant_id and state = 'active'`, 'sessions_of_state'],
    ['a name', `tenant_id = :tenant_id and name = 'x'`, 'sessions_of_name'],
    ['a key', `tenant_id = :tenant_id and key = 'x'`, 'sessions_of_key'],
  ])('read one index for %s', async (_name, condition, index) => {
    const plan = await api.db.transaction(async (tx) => {
      await tx.raw('set local enable_seqscan = off; set local enable_sort = off');
      const { rows } = await tx.raw<{ rows: Record<string, string>[] }>(
        `explain select * from sessions where ${condition} order by id desc limit 51`,
        mark,
      );
      return JSON.stringify(rows);
    });
    expect(plan).toContain(`Index Scan Backward using ${index}`);
    expect(plan).not.toContain('Sort');
  });
});
