import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openWorld } from '../support/world.ts';
import type { World } from '../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

function issue(number: number) {
  const url = `https://example.com/${number}`;
  return { repository: 'acme/checkout', number, title: `Issue ${number}`, state: 'open', url };
}

async function start(source: string, items: readonly unknown[]): Promise<string> {
  const { status, body } = await world.call('POST', '/v1/imports', { source, items });
  expect(status).toBe(202);
  return String(body['id']);
}

async function completed(id: string): Promise<Record<string, unknown>> {
  return vi.waitUntil(
    async () => {
      const { body } = await world.call('GET', `/v1/imports/${id}`);
      return body['state'] === 'completed' ? body : undefined;
    },
    { timeout: 90_000, interval: 100 },
  );
}

/** What a path was told of an import. */
function toldAt(path: string, id: string): unknown[] {
  const told = world.consumer.at(path).map(({ body }) => JSON.parse(body) as { data: Told });
  return told.map(({ data }) => data).filter(({ import_id }) => import_id === id);
}

interface Told {
  readonly import_id: string;
}

test('an import is taken by its own workflow, and its end is told with what could not be taken', async () => {
  await world.addEndpoint('/imported', ['import.completed']);
  const id = await start('jira', [issue(1), { ...issue(2), number: 'two' }, issue(3)]);
  expect(await completed(id)).toMatchObject({
    item_count: 3,
    count: 2,
    error_count: 1,
    errors: [{ pointer: '/items/1', detail: expect.stringMatching(/^number: /) as string }],
    started_at: expect.any(String) as string,
    ended_at: expect.any(String) as string,
  });
  await vi.waitUntil(() => toldAt('/imported', id).length > 0, { timeout: 90_000 });
  expect(toldAt('/imported', id)).toEqual([
    {
      source: 'jira',
      count: 2,
      errors: [expect.stringMatching(/^\/items\/1: number: /) as string],
      import_id: id,
      error_count: 1,
    },
  ]);
  expect(
    await world.db('issues').where({ source: 'jira' }).orderBy('number').pluck('number'),
  ).toEqual([1, 3]);
  const { status } = await world.client.workflow.getHandle(id).describe();
  expect(status.name).toBe('COMPLETED');
});

test('kill -9 of the worker between two pages neither loses an item nor counts one twice', async () => {
  await world.addEndpoint('/killed', ['import.*']);
  const items = Array.from({ length: 350 }, (_, index) => issue(index + 1));
  const [held] = items.slice(249);
  const row = { ...issue(250), source: 'killed', tenant_id: world.tenant.tenantId };
  await world.db('issues').insert({ ...row, updated_at: new Date(0) });
  const lock = await world.db.transaction(); // The third page waits for it.
  await lock('issues')
    .where({ source: 'killed', number: held?.number ?? 0 })
    .forUpdate();

  const id = await start('killed', items);
  await vi.waitUntil(
    async () => (await world.call('GET', `/v1/imports/${id}`)).body['count'] === 200,
    { timeout: 90_000, interval: 50 },
  );
  await world.killWorker();
  await lock.rollback();
  expect((await world.call('GET', `/v1/imports/${id}`)).body).toMatchObject({
    state: 'pending',
    count: 200,
  });
  await world.startWorker();

  expect(await completed(id)).toMatchObject({ item_count: 350, count: 350, error_count: 0 });
  expect(await world.db('issues').where({ source: 'killed' })).toHaveLength(350);
  await vi.waitUntil(() => toldAt('/killed', id).length > 0, { timeout: 90_000 });
  expect(toldAt('/killed', id)).toMatchObject([{ count: 350, errors: [], import_id: id }]);
}, 120_000);
