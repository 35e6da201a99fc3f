import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeId } from '../../src/runtime/ids.ts';
import { addEvent, addRun } from './rows.ts';
import { serveApi } from './served-api.ts';
import type { Answer, ServedApi } from './served-api.ts';

let api: ServedApi;
beforeAll(async () => {
  api = await serveApi();
});
afterAll(async () => api.close());

/** Each test looks at events of a source of its own. */
function textOf(name: string, source: string, when: string): string {
  return `trigger: ${name}\non: { source: ${source}, events: [push] }\nwhen: ${when}\ndo: { emit: custom.done }\n`;
}

const hour = 3_600_000;
const frame = { from: new Date(Date.now() - hour).toISOString() };

async function saved(text: string): Promise<string> {
  const { body } = await api.call('POST', '/v1/triggers', { text });
  return String(body['id']);
}

async function event(source: string, body: unknown, over: object = {}): Promise<string> {
  return addEvent(api, { source, body: Buffer.from(JSON.stringify(body)), ...over });
}

async function backtest(path: string, body: object = {}): Promise<Answer> {
  return api.call('POST', `/v1/triggers${path}/backtest`, { ...frame, ...body });
}

describe('POST /v1/triggers/{id}/backtest', () => {
  test('holds what a text would do against what was done, and says why they differ', async () => {
    const id = await saved(textOf('held', 'github', 'body.n > 1'));
    const early = new Date(Date.now() - 2 * hour);
    await event('github', { n: 5 }, { id: makeId('evt', early), received_at: early });
    const [one, two, three, none, other] = [
      await event('github', { n: 1 }),
      await event('github', { n: 2 }),
      await event('github', { n: 3 }),
      await event('github', {}),
      await event('github', { n: 9 }, { type: 'issues' }),
    ];
    await event('gitlab', { n: 9 });
    await event('github', { n: 9 }, { tenant_id: 'ten_other' });
    const runOfTwo = await addRun(api, { trigger_id: id, event_id: two });
    await addRun(api, { trigger_id: id, event_id: three, state: 'failed' });
    await addRun(api, { trigger_id: 'trg_other', event_id: one });
    const runOfOther = await addRun(api, { trigger_id: id, event_id: other, state: 'skipped' });
    const { status, body } = await backtest(`/${id}`, {
      text: textOf('held', 'github', 'body.n > 2'),
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      trigger_id: id,
      events: 5,
      would_fire: 2,
      fired: 3,
      both: 1,
      only_would: 1,
      only_did: 2,
      failures: 1,
      skipped_large: 0,
      is_cut: false,
    });
    expect(body['differences']).toMatchObject([
      { event_id: other, would: false, did: { run_id: runOfOther, state: 'skipped' } },
      { event_id: none, event_type: 'push', would: true, did: null },
      {
        event_id: two,
        would: false,
        did: { run_id: runOfTwo, state: 'succeeded' },
        decisive: { expression: 'body.n > 2', outcome: 'false' },
      },
    ]);
    const runs = await api.db('trigger_runs').where({ trigger_id: id });
    expect(runs).toHaveLength(3);
    expect((await api.call('GET', `/v1/triggers/${id}`)).body).toMatchObject({ revision: 1 });
  });

  test('what fired when the trigger was about another source differs too', async () => {
    const id = await saved(textOf('moved', 'gitee', 'body != 0'));
    const before = await event('gitee', {});
    await addRun(api, { trigger_id: id, event_id: before });
    const { body } = await backtest(`/${id}`, { text: textOf('moved', 'gerrit', 'body != 0') });
    expect(body).toMatchObject({ events: 1, only_did: 1, would_fire: 0 });
    expect((await backtest(`/${id}`)).body).toMatchObject({ events: 1, both: 1 });
  });

  test('a large body is not judged, and told', async () => {
    const id = await saved(textOf('large', 'wecom', 'body != 0'));
    await event('wecom', 'x'.repeat(1_048_577));
    await event('wecom', 'x');
    expect((await backtest(`/${id}`)).body).toMatchObject({
      events: 2,
      would_fire: 1,
      skipped_large: 1,
      only_would: 1,
    });
  });

  test('two thousand events are looked at, the newest, while others are served', async () => {
    const id = await saved(textOf('many', 'lark', 'body.n >= 0'));
    const at = Date.now() - 10_000;
    const [row] = await api.db('events').where({ id: await event('lark', { n: 0 }) });
    const rows = Array.from({ length: 2010 }, (_, n) => {
      const received_at = new Date(at + n);
      return { ...row, id: makeId('evt', received_at), received_at };
    });
    await api.db.batchInsert('events', rows, 500);
    const startedAt = performance.now();
    const answering = backtest(`/${id}`);
    let waitedMs = 0;
    for (let i = 0; i < 10; i += 1) {
      const begunAt = performance.now();
      await api.call('GET', `/v1/triggers/${id}/revisions`);
      waitedMs = Math.max(waitedMs, performance.now() - begunAt);
    }
    const { body } = await answering;
    const wholeMs = performance.now() - startedAt;
    const events = Number(body['events']);
    expect(body).toMatchObject({ would_fire: events, is_cut: true });
    expect(events).toBeLessThanOrEqual(2000);
    expect(body['differences']).toHaveLength(100);
    expect(waitedMs).toBeLessThan(wholeMs / 2); // Without turns the first waits for the whole.
  });

  test.each([
    ['a frame of 31 days', { from: new Date(Date.now() - 31 * 24 * hour).toISOString() }, '/from'],
    ['a frame that is yet to come', { from: new Date(Date.now() + hour).toISOString() }, '/from'],
    ['a frame that ends before it begins', { to: '2026-01-01T00:00:00Z' }, '/to'],
    ['a text that is no trigger', { text: 'trigger: [' }, '/text'],
    ['an unknown field', { event_id: 'evt_1' }, '/event_id'],
  ])('%s is answered 422', async (_, change, pointer) => {
    const { body: list } = await api.call('GET', '/v1/triggers');
    const [first] = list['data'] as { id: string }[];
    const { status, body } = await backtest(`/${String(first?.id)}`, change);
    expect(status).toBe(422);
    expect(body['errors']).toContainEqual(expect.objectContaining({ pointer }));
  });
});

describe('POST /v1/triggers/backtest', () => {
  test('a new name has no runs; that of a trigger is held against its runs', async () => {
    const id = await saved(textOf('known', 'generic', 'body != 0'));
    await addRun(api, { trigger_id: id, event_id: await event('generic', {}) });
    const known = await backtest('', { text: textOf('known', 'generic', 'body != 0') });
    expect(known.body).toMatchObject({ trigger_id: id, both: 1 });
    const fresh = await backtest('', { text: textOf('fresh', 'generic', 'body != 0') });
    expect(fresh.body).toMatchObject({ trigger_id: null, fired: 0, only_would: 1 });
  });
});
