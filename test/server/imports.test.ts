import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { setImportCompleted, takeItems } from '../../src/store/imports.ts';
import { serveApi } from './served-api.ts';
import type { ServedApi } from './served-api.ts';

let api: ServedApi;
beforeAll(async () => {
  api = await serveApi();
});
afterAll(async () => api.close());

const issue = {
  repository: 'acme/checkout',
  number: 1,
  title: 'Slow',
  state: 'open',
  url: 'https://example.com/1',
};

async function start(source: string, items: readonly unknown[] = [issue]): Promise<string> {
  const { body } = await api.call('POST', '/v1/imports', { source, items });
  return String(body['id']);
}

async function idsOf(query: string): Promise<unknown[]> {
  const { body } = await api.call('GET', `/v1/imports?${query}`);
  return (body['data'] as Record<string, unknown>[]).map(({ id }) => id);
}

describe('POST /v1/imports', () => {
  test('commits the import with its items, its audit entry, and wakes whoever starts it', async () => {
    const wakes = api.wakes();
    const answer = await api.call('POST', '/v1/imports', { source: 'github', items: [issue] });
    const id = String(answer.body['id']);
    expect(answer).toMatchObject({ status: 202, body: { id, state: 'pending' } });
    expect(answer.headers.get('Location')).toBe(`/v1/imports/${id}`);
    expect(id).toMatch(/^imp_/);
    expect(api.wakes()).toBe(wakes + 1);
    const { body } = await api.call('GET', `/v1/audit-log?subject=${id}`);
    expect(body['data']).toMatchObject([
      { action: 'import.start', detail: { source: 'github', items: 1 } },
    ]);
    expect(await api.db('import_items').where({ import_id: id })).toMatchObject([{ item: issue }]);
  });

  test.each([
    ['no number', { number: undefined }, /^number: /],
    ['a number that is text', { number: '1' }, /^number: /],
    ['a number that no column holds', { number: 2 ** 31 }, /^number: /],
    ['an empty repository', { repository: '' }, /^repository: /],
    ['a title of 1,001 letters', { title: 'x'.repeat(1001) }, /^title: /],
    ['U+0000', { title: 'a\0b' }, /^title: Must not contain U\+0000/],
    ['half a surrogate pair', { state: '\ud83d' }, /^state: Must not contain U\+0000/],
    ['a URL that runs', { url: 'javascript:alert(1)' }, /^url: Must be an http or https URL/],
    ['two mistakes', { state: 1, url: 2 }, /^state: .*; url: /],
  ])('an item with %s is an error of that item', async (_, change, detail) => {
    const id = await start('github', [{ ...issue, ...change }, issue]);
    const { status, body } = await api.call('GET', `/v1/imports/${id}`);
    expect(status).toBe(200);
    expect(body).toMatchObject({ item_count: 2, error_count: 1 });
    expect(body['errors']).toEqual([
      { pointer: '/items/0', detail: expect.stringMatching(detail) as string },
    ]);
  });

  test('what is no object is an error too, and what is not asked for is not kept', async () => {
    const id = await start('github', [null, 'issue', [issue], { ...issue, labels: ['\0'] }]);
    const { body } = await api.call('GET', `/v1/imports/${id}`);
    expect(body).toMatchObject({ item_count: 4, error_count: 3 });
    expect((await api.db('import_items').where({ import_id: id, position: 3 }))[0]?.item).toEqual(
      issue,
    );
  });

  test.each([
    ['no items', { items: [] }, '/items'],
    ['1,001 items', { items: Array.from({ length: 1001 }, () => issue) }, '/items'],
    ['no source', { source: undefined }, '/source'],
    ['an empty source', { source: '' }, '/source'],
    ['an unknown field', { dry_run: true }, '/dry_run'],
  ])('%s is answered 422', async (_, change, pointer) => {
    const body = { source: 'github', items: [issue], ...change };
    const answer = await api.call('POST', '/v1/imports', body);
    expect(answer.status).toBe(422);
    expect(answer.body['errors']).toContainEqual(expect.objectContaining({ pointer }));
  });

  test('a body of 5 MiB is taken, a larger one is not', async () => {
    const rest = JSON.stringify({ source: 'github', items: [{ ...issue, more: '' }] }).length;
    const sized = (size: number) => ({
      source: 'github',
      items: [{ ...issue, more: 'x'.repeat(size - rest) }],
    });
    expect((await api.call('POST', '/v1/imports', sized(5_242_880))).status).toBe(202);
    expect((await api.call('POST', '/v1/imports', sized(5_242_881))).status).toBe(413);
    expect((await api.call('PUT', '/v1/budgets', sized(1_048_577))).status).toBe(413);
  });
});

describe('GET /v1/imports', () => {
  test('is newest first, by pages, of one source or one state', async () => {
    const ids = [await start('gitlab'), await start('gitlab'), await start('gitee')];
    expect(await idsOf('limit=1')).toEqual([ids[2]]);
    expect(await idsOf(`source=gitlab`)).toEqual([ids[1], ids[0]]);
    expect(await idsOf(`source=gitlab&cursor=${ids[1]}`)).toEqual([ids[0]]);
    await setImportCompleted(api.db, String(ids[0]));
    expect(await idsOf('state=completed')).toEqual([ids[0]]);
    expect(await idsOf('state=pending&source=gitlab')).toEqual([ids[1]]);
    expect((await api.call('GET', '/v1/imports?state=running')).status).toBe(422);
  });

  test('belongs to its tenant', async () => {
    const id = await start('github');
    const headers = { Authorization: `Bearer ${await api.makeKey(['read'])}` };
    expect((await api.fetch(`/v1/imports/${id}`, { headers })).status).toBe(404);
    expect((await api.fetch('/v1/imports', { headers })).body['data']).toEqual([]);
  });
});

describe('GET /v1/imports/{id}', () => {
  test('counts what is taken and tells the first hundred errors', async () => {
    const id = await start('gerrit', [...Array.from({ length: 101 }, () => null), issue]);
    expect((await api.call('GET', `/v1/imports/${id}`)).body).toMatchObject({
      state: 'pending',
      item_count: 102,
      count: 0,
      error_count: 101,
      started_at: null,
      ended_at: null,
    });
    await takeItems(api.db, id, 10);
    await setImportCompleted(api.db, id);
    const { body } = await api.call('GET', `/v1/imports/${id}`);
    expect(body).toMatchObject({
      state: 'completed',
      count: 1,
      ended_at: expect.any(String) as string,
    });
    expect(body['errors']).toHaveLength(100);
  });
});
