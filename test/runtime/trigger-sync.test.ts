import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Knex } from 'knex';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { makeId } from '../../src/runtime/ids.ts';
import { makeTriggerSync } from '../../src/runtime/trigger-sync.ts';
import { ensureTenant } from '../../src/store/tenants.ts';
import {
  findTriggerRevision,
  listActiveTriggers,
  listTriggers,
  recordSavedTrigger,
  setTriggerProblem,
} from '../../src/store/triggers.ts';
import { freshDatabase } from '../support/database.ts';
import { definitionWith } from '../support/definition.ts';

let db: Knex;
let dir: string;
let tenantId: string;
let logged: string[];
let made = 0;

beforeAll(async () => {
  db = await freshDatabase();
});

afterAll(() => db.destroy());

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'trigger-sync-'));
  made += 1;
  ({ id: tenantId } = await ensureTenant(db, `tenant-${made}`, makeId('ten')));
  logged = [];
});

afterEach(() => rm(dir, { recursive: true }));

function textOf(name: string, more = ''): string {
  const action = 'do: { emit: custom.done }';
  return `trigger: ${name}\non: { source: github, events: [push] }\n${more}${action}\n`;
}

async function write(file: string, text: string): Promise<void> {
  await writeFile(join(dir, file), text);
}

function makeSync(): () => Promise<void> {
  const log = pino({ base: null }, { write: (line: string) => void logged.push(line) });
  return makeTriggerSync(db, { dir, tenantId, refuseUrl: () => undefined }, log);
}

async function sync(): Promise<void> {
  await makeSync()();
}

/** A trigger that is saved through the API. */
async function save(name: string): Promise<void> {
  const record = { id: makeId('trg'), tenantId, name, text: 'saved', by: 'key_1' };
  await recordSavedTrigger(db, { ...record, definition: definitionWith({ name }) });
}

describe('makeTriggerSync()', () => {
  test('a new file is revision 1 and active', async () => {
    await write('review.yaml', textOf('review'));
    await sync();
    expect(await listTriggers(db, tenantId)).toMatchObject([
      {
        name: 'review',
        file: 'review.yaml',
        revision: 1,
        is_active: true,
        problem: null,
        definition: { name: 'review', action: { kind: 'emit', type: 'custom.done' } },
      },
    ]);
    expect(logged).toEqual([]);
  });

  test('the revision grows only when the text changed, and the one before is kept', async () => {
    await write('review.yaml', textOf('review'));
    await sync();
    await sync();
    const [first] = await listTriggers(db, tenantId);
    expect(first).toMatchObject({ revision: 1 });
    await write('review.yaml', textOf('review', 'when: body.ok\n'));
    await sync();
    const [second] = await listTriggers(db, tenantId);
    expect(second).toMatchObject({ id: first?.id, revision: 2, definition: { when: 'body.ok' } });
    expect(await findTriggerRevision(db, first?.id ?? '', 1)).toMatchObject({
      text: textOf('review'),
      definition: { when: null },
    });
  });

  test('a trigger renamed in its file fires under its new name alone', async () => {
    await write('review.yaml', textOf('one'));
    await sync();
    await write('review.yaml', textOf('two'));
    await sync();
    const active = (await listTriggers(db, tenantId)).filter(({ is_active }) => is_active);
    expect(active.map(({ name }) => name)).toEqual(['two']);
  });

  test('a file that moved is the same trigger', async () => {
    await write('a.yaml', textOf('review'));
    await sync();
    await rm(join(dir, 'a.yaml'));
    await write('b.yaml', textOf('review'));
    await sync();
    expect(await listTriggers(db, tenantId)).toMatchObject([
      { name: 'review', file: 'b.yaml', revision: 1, is_active: true },
    ]);
  });

  test('a broken file keeps its last good revision active, until it is mended', async () => {
    await write('review.yaml', textOf('review', 'when: body.ok\n'));
    await sync();
    await write('review.yaml', textOf('review', 'when: payload.ok\nmood: good\n'));
    await sync();
    const [broken] = await listTriggers(db, tenantId);
    expect(broken).toMatchObject({
      revision: 1,
      is_active: true,
      definition: { when: 'body.ok' },
    });
    expect(broken?.problem?.split('\n')).toEqual([
      expect.stringMatching(/^review\.yaml:3:7: when: .*Unknown variable "payload"/),
      expect.stringMatching(/^review\.yaml:4:1: mood: Unknown key "mood"/),
    ]);
    expect(logged).toHaveLength(2);
    await write('review.yaml', textOf('review', 'when: body.ok\n'));
    await sync();
    expect(await listTriggers(db, tenantId)).toMatchObject([
      { revision: 1, is_active: true, problem: null },
    ]);
  });

  test('a file that was never good is shown with its problem, fires nothing, and gives way once good', async () => {
    await write('review.yaml', 'trigger: [');
    await write('good.yaml', textOf('good'));
    await sync();
    await sync();
    expect(await listTriggers(db, tenantId)).toMatchObject([
      { name: 'good', is_active: true, problem: null },
      { name: 'review.yaml', revision: 0, is_active: false },
    ]);
    expect((await listTriggers(db, tenantId))[1]?.problem).toMatch(/^review\.yaml:\d+:\d+: /);
    await write('review.yaml', textOf('review'));
    await sync();
    expect(await listTriggers(db, tenantId)).toMatchObject([
      { name: 'good' },
      { name: 'review', revision: 1, is_active: true, problem: null },
    ]);
  });

  test('a file that is gone fires no more, and comes back as it was', async () => {
    await write('review.yaml', textOf('review'));
    await sync();
    await rm(join(dir, 'review.yaml'));
    await sync();
    expect(await listTriggers(db, tenantId)).toMatchObject([{ revision: 1, is_active: false }]);
    await write('review.yaml', textOf('review'));
    await sync();
    expect(await listTriggers(db, tenantId)).toMatchObject([{ revision: 1, is_active: true }]);
  });

  test('a file that was never good leaves nothing behind when it is gone', async () => {
    await write('review.yaml', 'trigger: [');
    await sync();
    await rm(join(dir, 'review.yaml'));
    await sync();
    expect(await listTriggers(db, tenantId)).toEqual([]);
  });

  test('two servers that read a folder at once agree', async () => {
    const names = Array.from({ length: 5 }, (_, index) => `t${index}`);
    for (const name of names) await write(`${name}.yaml`, textOf(name));
    for (const name of names) await write(`${name}-broken.yaml`, 'trigger: [');
    await Promise.all([sync(), sync(), sync()]);
    const file = 't9-broken.yaml';
    const broken = () => ({ id: makeId('trg'), tenantId, file });
    const server = await db.transaction();
    await setTriggerProblem(server, broken(), 'of one');
    const other = setTriggerProblem(db, broken(), 'of the other'); // Waits for the first.
    await setTimeout(50);
    await server.commit();
    await other;
    const rows = await listTriggers(db, tenantId);
    expect(rows.filter(({ is_active: isActive }) => isActive)).toMatchObject(
      names.map((name) => ({ name, revision: 1, problem: null })),
    );
    expect(rows).toHaveLength(11);
    expect(rows.at(-1)).toMatchObject({ name: file, problem: 'of the other' });
  });

  test('the second file of a name is the problem, and the first stays', async () => {
    await write('a.yaml', textOf('review'));
    await write('b.yaml', textOf('review'));
    await sync();
    const duplicate = 'b.yaml:1:1: trigger: The trigger "review" is in a.yaml already';
    expect(await listTriggers(db, tenantId)).toMatchObject([
      { name: 'b.yaml', is_active: false, problem: duplicate },
      { name: 'review', file: 'a.yaml', is_active: true, problem: null },
    ]);
  });

  test('the folder of one tenant leaves the triggers of others alone', async () => {
    const { id: other } = await ensureTenant(db, `other-${made}`, makeId('ten'));
    await write('review.yaml', textOf('review'));
    const folder = { dir, tenantId: other, refuseUrl: () => undefined };
    await makeTriggerSync(db, folder, pino({ level: 'silent' }))();
    await rm(join(dir, 'review.yaml'));
    await sync();
    const active = await listActiveTriggers(db);
    expect(active.filter(({ tenant_id: tenant }) => tenant === other)).toHaveLength(1);
  });

  test('a folder that cannot be read changes nothing', async () => {
    await write('review.yaml', textOf('review'));
    await sync();
    const gone = { dir: join(dir, 'none'), tenantId, refuseUrl: () => undefined };
    const syncGone = makeTriggerSync(db, gone, pino({ level: 'silent' }));
    await expect(syncGone()).rejects.toThrow('TRIGGERS_DIR');
    expect(await listTriggers(db, tenantId)).toMatchObject([{ is_active: true }]);
  });

  test('a trigger that is saved through the API is left alone, also by an empty folder', async () => {
    await save('saved');
    await sync();
    expect(await listTriggers(db, tenantId)).toMatchObject([
      { name: 'saved', file: null, is_active: true, revision: 1 },
    ]);
  });

  test('a file whose name is taken by a saved trigger is the problem, and the saved one stays', async () => {
    await save('review');
    await write('review.yaml', textOf('review'));
    await write('other.yaml', textOf('other'));
    await sync();
    const taken = 'The trigger "review" is saved through the API: give this one another name';
    expect(await listTriggers(db, tenantId)).toMatchObject([
      { name: 'other', is_active: true },
      { name: 'review', file: null, revision: 1, is_active: true, problem: null },
      { name: 'review.yaml', is_active: false, problem: `review.yaml:1:1: trigger: ${taken}` },
    ]);
    expect(logged).toHaveLength(1);
    await write('review.yaml', textOf('free'));
    await sync();
    expect(await listTriggers(db, tenantId)).toMatchObject([
      { name: 'free', file: 'review.yaml', is_active: true, problem: null },
      { name: 'other' },
      { name: 'review', file: null },
    ]);
  });

  test('a new revision ends what the platform held, the same text does not', async () => {
    await write('review.yaml', textOf('review'));
    await sync();
    await db('triggers').where({ tenant_id: tenantId }).update({ quarantine: 'too slow' });
    await sync();
    expect(await listTriggers(db, tenantId)).toMatchObject([{ quarantine: 'too slow' }]);
    const held = (await listActiveTriggers(db)).filter(({ tenant_id: of }) => of === tenantId);
    expect(held).toEqual([]);
    await write('review.yaml', textOf('review', 'when: body.ok\n'));
    await sync();
    expect(await listTriggers(db, tenantId)).toMatchObject([{ quarantine: null, revision: 2 }]);
  });

  test('called again it logs only what is newly wrong', async () => {
    await write('a.yaml', 'trigger: [');
    const again = makeSync();
    await again();
    const first = logged.length;
    expect(first).toBeGreaterThan(0);
    await write('b.yaml', textOf('good'));
    await again();
    expect(logged).toHaveLength(first);
    await write('b.yaml', textOf('good', 'mood: good\n'));
    await again();
    expect(logged).toHaveLength(first + 1);
    expect(logged.at(-1)).toContain('b.yaml:3:1: mood: Unknown key');
  });
});
