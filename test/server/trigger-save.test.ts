import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { makeId } from '../../src/runtime/ids.ts';
import { recordTriggerFile } from '../../src/store/triggers.ts';
import { definitionWith } from '../support/definition.ts';
import { serveApi } from './served-api.ts';
import type { Answer, ServedApi } from './served-api.ts';

let api: ServedApi;
let changes = 0;
beforeAll(async () => {
  api = await serveApi({
    onTriggersChange: async () => {
      changes += 1;
    },
  });
});
afterAll(async () => api.close());
beforeEach(() => {
  changes = 0;
});

function textOf(name: string, more = ''): string {
  return `trigger: ${name}\non: { source: github, events: [push] }\n${more}do: { emit: custom.done }\n`;
}

async function save(text: string): Promise<Answer> {
  return api.call('POST', '/v1/triggers', { text });
}

async function saved(name: string): Promise<string> {
  const { status, text, body } = await save(textOf(name));
  if (status !== 201) throw new Error(text);
  return String(body['id']);
}

async function addFile(name: string): Promise<string> {
  const { db, tenantId } = api;
  const id = makeId('trg');
  const definition = definitionWith({ name });
  await recordTriggerFile(db, { id, tenantId, name, file: `${name}.yaml`, text: '', definition });
  return id;
}

async function auditOf(id: string): Promise<unknown[]> {
  const rows = await api.db('audit_log').where({ subject: id }).orderBy('id');
  return rows.map(({ action }) => action);
}

describe('POST /v1/triggers', () => {
  test('saves a trigger, says where it is and who saved it, and has it fire', async () => {
    const { status, headers, body } = await save(textOf('saved'));
    const id = String(body['id']);
    expect([status, headers.get('Location')]).toEqual([201, `/v1/triggers/${id}`]);
    expect(body).toMatchObject({
      name: 'saved',
      origin: 'api',
      file: null,
      revision: 1,
      is_active: true,
      on: [{ source: 'github', events: ['push'] }],
      action: { kind: 'emit', type: 'custom.done' },
      text: textOf('saved'),
    });
    expect(changes).toBe(1);
    const [entry] = await api.db('audit_log').where({ subject: id });
    expect(entry).toMatchObject({ action: 'trigger.save', tenant_id: api.tenantId });
    const revisions = await api.call('GET', `/v1/triggers/${id}/revisions`);
    expect(revisions.body['data']).toMatchObject([{ revision: 1, created_by: entry?.actor }]);
  });

  test('says everything that is wrong with a text, and where', async () => {
    const text = textOf('bad', 'when: payload.ok\n').replace('github', 'gihub');
    const { status, body } = await save(text);
    expect(status).toBe(422);
    const details = (body['errors'] as Record<string, string>[]).map(({ pointer, detail }) => {
      expect(pointer).toBe('/text');
      return detail;
    });
    expect(details).toContainEqual(
      expect.stringMatching(/^line 2, column 15: on\.source: Unknown source "gihub"/),
    );
    expect(details).toContainEqual(expect.stringMatching(/^line 3, column 7: when: .*payload/));
    expect(changes).toBe(0);
  });

  test.each([
    ['an empty text', ''],
    ['a text that is no YAML', 'trigger: ['],
    ['a text with U+0000', 'trigger: a\0'],
    ['two documents', `${textOf('one')}---\n${textOf('two')}`],
  ])('%s is answered 422', async (_, text) => {
    const { status, body } = await save(text);
    expect([status, body['type']]).toEqual([422, '/problems/invalid-request']);
  });

  test('a name is taken once, also by a file, and also when two are saved at once', async () => {
    await addFile('of-a-file');
    const answers = await Promise.all([save(textOf('twice')), save(textOf('twice'))]);
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 409]);
    const { status, body } = await save(textOf('of-a-file'));
    expect([status, body['type']]).toEqual([409, '/problems/trigger-name-taken']);
    expect(body['detail']).toContain('"of-a-file"');
  });

  test("another tenant's name is free, and a key that reads saves nothing", async () => {
    await saved('shared');
    const init = (key: string): RequestInit => ({
      method: 'POST',
      headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' },
      body: JSON.stringify({ text: textOf('shared') }),
    });
    const other = await api.fetch('/v1/triggers', init(await api.makeKey(['read', 'write'])));
    expect(other.status).toBe(201);
    expect((await api.fetch('/v1/triggers', init(await api.makeKey(['read'])))).status).toBe(403);
  });
});

describe('PUT /v1/triggers/{id}', () => {
  test('a new text is a new revision, the same text is none', async () => {
    const id = await saved('changed');
    const text = textOf('changed', 'when: body.ok\n');
    const put = async (): Promise<Answer> => api.call('PUT', `/v1/triggers/${id}`, { text });
    expect(await put()).toMatchObject({ status: 200, body: { revision: 2, text } });
    expect(await put()).toMatchObject({ status: 200, body: { revision: 2 } });
    expect(await auditOf(id)).toEqual(['trigger.save', 'trigger.save']);
    const { body } = await api.call('GET', `/v1/triggers/${id}/revisions`);
    expect(body['data']).toMatchObject([{ text }, { text: textOf('changed') }]);
  });

  test('who edits an earlier revision writes over nothing', async () => {
    const id = await saved('edited');
    const put = async (more: string): Promise<Answer> =>
      api.call('PUT', `/v1/triggers/${id}`, { text: textOf('edited', more), revision: 1 });
    const answers = await Promise.all([put('when: body.a\n'), put('when: body.b\n')]);
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409]);
    const refused = answers.find(({ status }) => status === 409);
    expect(refused?.body['type']).toBe('/problems/trigger-changed');
    expect(refused?.body['detail']).toContain('revision 2');
    expect((await api.call('GET', `/v1/triggers/${id}`)).body).toMatchObject({ revision: 2 });
  });

  test('the name must stay, and a broken text changes nothing', async () => {
    const id = await saved('stays');
    const put = async (text: string): Promise<Answer> =>
      api.call('PUT', `/v1/triggers/${id}`, { text });
    const renamed = await put(`# A line\n${textOf('other')}`);
    expect(renamed.status).toBe(422);
    expect(renamed.body['errors']).toEqual([
      {
        pointer: '/text',
        detail: expect.stringMatching(/^line 2, column 10: trigger: .*"stays"/) as unknown,
      },
    ]);
    expect((await put('trigger: [')).status).toBe(422);
    expect((await api.call('GET', `/v1/triggers/${id}`)).body).toMatchObject({ revision: 1 });
    expect(changes).toBe(1);
  });

  test('a trigger that is a file is changed there', async () => {
    const id = await addFile('filed');
    const { status, body } = await api.call('PUT', `/v1/triggers/${id}`, { text: textOf('filed') });
    expect([status, body['type']]).toEqual([409, '/problems/trigger-is-a-file']);
    expect(body['detail']).toContain('"filed.yaml"');
  });

  test('a disabled one stays disabled, and what the platform held begins anew', async () => {
    const id = await saved('held');
    await api.db('triggers').where({ id }).update({ is_active: false, quarantine: 'too slow' });
    const text = textOf('held', 'when: body.ok\n');
    expect((await api.call('PUT', `/v1/triggers/${id}`, { text })).body).toMatchObject({
      is_active: false,
      quarantine: null,
    });
  });

  test("another tenant's trigger is not there", async () => {
    const id = await saved('own');
    const headers = {
      Authorization: `Bearer ${await api.makeKey(['read', 'write'])}`,
      'Content-Type': 'application/json',
    };
    const body = JSON.stringify({ text: textOf('own', 'when: body.ok\n') });
    const put = await api.fetch(`/v1/triggers/${id}`, { method: 'PUT', headers, body });
    const post = await api.fetch(`/v1/triggers/${id}/disable`, { method: 'POST', headers });
    expect([put.status, post.status]).toEqual([404, 404]);
    expect((await api.call('GET', `/v1/triggers/${id}`)).body).toMatchObject({ revision: 1 });
  });
});

describe('POST /v1/triggers/{id}/disable', () => {
  test('takes a trigger out until it is enabled, and may be repeated', async () => {
    const id = await saved('switched');
    for (const isActive of [false, false, true, true]) {
      const verb = isActive ? 'enable' : 'disable';
      const { status, body } = await api.call('POST', `/v1/triggers/${id}/${verb}`);
      expect([status, body['is_active']]).toEqual([200, isActive]);
    }
    expect(await auditOf(id)).toEqual(['trigger.save', 'trigger.disable', 'trigger.enable']);
    expect(changes).toBe(5);
  });

  test('a file is not disabled here, nor enabled', async () => {
    const id = await addFile('unswitched');
    for (const verb of ['disable', 'enable']) {
      const { status, body } = await api.call('POST', `/v1/triggers/${id}/${verb}`);
      expect([status, body['type']]).toEqual([409, '/problems/trigger-is-a-file']);
    }
  });
});

describe('POST /v1/triggers/{id}/enable', () => {
  test.each([
    ['a file', addFile],
    ['a saved trigger', saved],
  ] as const)('lets go of what the platform holds, of %s', async (kind, make) => {
    const id = await make(`let-go-${kind.length}`);
    await api.db('triggers').where({ id }).update({ quarantine: 'too slow' });
    expect((await api.call('POST', `/v1/triggers/${id}/enable`)).body).toMatchObject({
      quarantine: null,
      is_active: true,
    });
    const entries = await api.db('audit_log').where({ subject: id, action: 'trigger.enable' });
    expect(entries).toMatchObject([{ detail: { quarantine: 'too slow' } }]);
  });

  test('a file that is gone is let go but fires no more', async () => {
    const id = await addFile('gone');
    await api.db('triggers').where({ id }).update({ quarantine: 'too slow', is_active: false });
    expect((await api.call('POST', `/v1/triggers/${id}/enable`)).body).toMatchObject({
      quarantine: null,
      is_active: false,
    });
  });
});
