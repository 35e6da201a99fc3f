import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeId } from '../../src/runtime/ids.ts';
import { setTriggerProblem } from '../../src/store/triggers.ts';
import { addEvent } from './rows.ts';
import { serveApi } from './served-api.ts';
import type { Answer, ServedApi } from './served-api.ts';

let api: ServedApi;
beforeAll(async () => {
  api = await serveApi();
});
afterAll(async () => api.close());

const text = [
  'trigger: tried',
  'on: { source: github, events: [push] }',
  'when: body.size > 1',
  'concurrency: { key: body.ref }',
  'do: { emit: custom.done, with: { size: "${{ int(body.size) }}" } }',
  '',
].join('\n');

async function event(body: unknown, over: object = {}): Promise<string> {
  return addEvent(api, { body: Buffer.from(JSON.stringify(body)), ...over });
}

async function dryRun(body: object, path = ''): Promise<Answer> {
  return api.call('POST', `/v1/triggers${path}/dry-run`, body);
}

describe('POST /v1/triggers/validate', () => {
  test('a good text says its name and its tests; nothing is saved', async () => {
    const tests =
      'tests:\n  - { name: it fires, event: github/push.json, expect: { fires: true } }\n';
    const { status, body } = await api.call('POST', '/v1/triggers/validate', {
      text: text + tests,
    });
    expect([status, body]).toEqual([
      200,
      { valid: true, problems: [], name: 'tried', tests: ['it fires'] },
    ]);
    expect(await api.db('triggers')).toEqual([]);
  });

  test('a bad text is answered 200 with every mistake', async () => {
    const bad = text.replace('github', 'gihub').replace('body.size >', 'payload.size >');
    const { status, body } = await api.call('POST', '/v1/triggers/validate', { text: bad });
    expect(status).toBe(200);
    expect(body).toMatchObject({ valid: false, name: null, tests: [] });
    expect(body['problems']).toMatchObject([
      { line: 2, column: 15, path: 'on.source' },
      { line: 3, column: 7, path: 'when' },
    ]);
  });

  test('an address that attempts may not reach is a mistake', async () => {
    const forward = text.replace(/do: .*/, 'do: { forward: "http://10.0.0.1/" }');
    const { body } = await api.call('POST', '/v1/triggers/validate', { text: forward });
    expect(body['problems']).toMatchObject([
      { line: 5, path: 'do.forward', message: expect.stringContaining('Must be https') as unknown },
    ]);
  });
});

describe('POST /v1/triggers/dry-run', () => {
  test('an event that fires: the keys, and what would be done, evaluated', async () => {
    const id = await event({ size: 3, ref: 'main' });
    const { status, body } = await dryRun({ text, event_id: id });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      fires: true,
      why: 'fires',
      guards: { concurrency: 'main', dedupe: null, part: null },
      action: { kind: 'emit', type: 'custom.done', with: { size: 3 } },
      failure: null,
      event: { id, source: 'github', type: 'push' },
    });
    expect(await api.db('trigger_runs')).toEqual([]);
  });

  test('an event that does not fire: the part of the condition that decided', async () => {
    const { body } = await dryRun({ text, event_id: await event({ size: 1 }) });
    expect(body).toMatchObject({ fires: false, action: null, failure: null });
    expect(body['decisive']).toMatchObject({ expression: 'body.size > 1', outcome: 'false' });
  });

  test('an event for which the condition has no value: the reason of the failed run', async () => {
    const { body } = await dryRun({ text, event_id: await event({}) });
    expect(body).toMatchObject({ fires: false, action: null });
    expect(body['failure']).toMatch(/^when: /);
  });

  test('an event of our own catalog', async () => {
    const own = text.replace('github, events: [push]', 'events, events: [session.created]');
    const over = { direction: 'outbound', source: 'platform', type: 'session.created' };
    const { body } = await dryRun({ text: own, event_id: await event({ size: 2, ref: '' }, over) });
    expect(body).toMatchObject({ fires: true });
  });

  test('a sample is read as its provider sends it', async () => {
    const on = text.replace('body.size > 1', `headers['x-github-event'] == 'push'`);
    const { body } = await dryRun({
      text: on.replace('int(body.size)', 'body.ref'),
      sample: 'github/push',
    });
    expect(body).toMatchObject({
      fires: true,
      event: { id: null, source: 'github', type: 'push' },
      action: { with: { size: expect.stringContaining('refs/') as unknown } },
    });
  });

  test.each([
    ['no event', {}, ''],
    ['an event and a sample', { event_id: 'evt_1', sample: 'github/push' }, ''],
    ['a sample that is not there', { sample: 'github/none' }, '/sample'],
    ['a sample of no channel', { sample: '../github/push' }, '/sample'],
    ['parts of no join', { parts: { mr: 'evt_1' } }, '/parts'],
  ])('%s is answered 422', async (_, about, pointer) => {
    const { status, body } = await dryRun({ text, ...about });
    expect(status).toBe(422);
    expect(body['errors']).toMatchObject([{ pointer }]);
  });

  test("an event that is not there, or another tenant's, is answered 404", async () => {
    const id = await event({}, { tenant_id: 'ten_other' });
    expect((await dryRun({ text, event_id: id })).status).toBe(404);
    expect((await dryRun({ text, event_id: makeId('evt') })).status).toBe(404);
  });

  test('a join is judged with its parts, and alone says what is missing', async () => {
    const join = [
      'trigger: joined',
      'on:',
      '  all:',
      '    - { source: gitlab, events: [merge_request], as: mr }',
      '    - { source: gitlab, events: [pipeline], as: ci }',
      '  by: { mr: body.sha, ci: body.commit }',
      '  within: 2h',
      'when: ci.body.ok && mr.body.open',
      'do: { emit: custom.done, with: { first: "${{ event.type }}" } }',
      '',
    ].join('\n');
    const gitlab = { source: 'gitlab' };
    const mr = await event({ sha: 'a', open: true }, { ...gitlab, type: 'merge_request' });
    const ci = await event({ commit: 'a', ok: true }, { ...gitlab, type: 'pipeline' });
    const both = await dryRun({ text: join, parts: { ci, mr } });
    expect(both.body).toMatchObject({
      fires: true,
      action: { with: { first: 'merge_request' } },
      event: { id: mr },
    });
    const alone = await dryRun({ text: join, event_id: mr });
    expect(alone.body).toMatchObject({ fires: false, guards: { join: 'a', part: 'mr' } });
    expect(alone.body['why']).toContain('ci');
    expect((await dryRun({ text: join, parts: { other: mr } })).status).toBe(422);
  });
});

describe('POST /v1/triggers/{id}/dry-run', () => {
  test('a trigger as it is, or as it would be', async () => {
    const { body: made } = await api.call('POST', '/v1/triggers', { text });
    const path = `/${String(made['id'])}`;
    const event_id = await event({ size: 1, ref: 'main' });
    expect((await dryRun({ event_id }, path)).body).toMatchObject({ fires: false });
    const changed = text.replace('> 1', '> 0');
    expect((await dryRun({ event_id, text: changed }, path)).body).toMatchObject({ fires: true });
    expect((await api.call('GET', `/v1/triggers${path}`)).body).toMatchObject({ revision: 1 });
    expect((await dryRun({ event_id }, `/${makeId('trg')}`)).status).toBe(404);
  });

  test('a trigger that was never good needs a text', async () => {
    const id = makeId('trg');
    await setTriggerProblem(api.db, { id, tenantId: api.tenantId, file: 'bad.yaml' }, 'bad');
    const { status, body } = await dryRun({ event_id: await event({}) }, `/${id}`);
    expect([status, body['errors']]).toMatchObject([422, [{ pointer: '/text' }]]);
  });
});
