import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Knex } from 'knex';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { makeId } from '../../src/runtime/ids.ts';
import { syncTriggers } from '../../src/runtime/trigger-sync.ts';
import { ensureTenant } from '../../src/store/tenants.ts';
import { findTriggerRevision, listActiveTriggers, listTriggers } from '../../src/store/triggers.ts';
import { freshDatabase } from '../support/database.ts';

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

async function sync(): Promise<void> {
  const log = pino({ base: null }, { write: (line: string) => void logged.push(line) });
  await syncTriggers(db, { dir, tenantId }, log);
}

describe('syncTriggers()', () => {
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
    const silent = pino({ level: 'silent' });
    await syncTriggers(db, { dir, tenantId: other }, silent);
    await rm(join(dir, 'review.yaml'));
    await sync();
    const active = await listActiveTriggers(db);
    expect(active.filter(({ tenant_id: tenant }) => tenant === other)).toHaveLength(1);
  });

  test('a folder that cannot be read changes nothing', async () => {
    await write('review.yaml', textOf('review'));
    await sync();
    const gone = { dir: join(dir, 'none'), tenantId };
    await expect(syncTriggers(db, gone, pino({ level: 'silent' }))).rejects.toThrow('TRIGGERS_DIR');
    expect(await listTriggers(db, tenantId)).toMatchObject([{ is_active: true }]);
  });
});
