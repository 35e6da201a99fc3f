import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ActiveTrigger, TriggerDefinition, TriggerScope } from '../../src/domain/trigger.ts';
import { automationNames } from '../../src/domain/workflows.ts';
import { loadTriggerFolder, makeTriggerIndex, renderAction } from '../../src/runtime/triggers.ts';
import { scopeWith } from '../support/scope.ts';

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'triggers-'));
});

afterEach(() => rm(dir, { recursive: true }));

function triggerWith(name: string, definition: Partial<TriggerDefinition>): ActiveTrigger {
  const action = { kind: 'workflow', name: 'x', with: {} } as const;
  const base = { name, description: null, source: 'github', events: ['push'], when: null, action };
  return {
    id: `trg_${name}`,
    tenantId: 'ten_1',
    revision: 2,
    definition: { ...base, ...definition },
  };
}

const push = { tenantId: 'ten_1', source: 'github', type: 'push', triggerId: null };

function textOf(name: string): string {
  return `trigger: ${name}\non: { source: github, events: [push] }\ndo: { workflow: x }\n`;
}

describe('loadTriggerFolder()', () => {
  test('reads the files by name and leaves others alone', async () => {
    await writeFile(join(dir, 'b.yml'), textOf('second'));
    await writeFile(join(dir, 'a.yaml'), textOf('first'));
    await writeFile(join(dir, 'README.md'), '# Triggers');
    const { loaded, problems } = await loadTriggerFolder(dir, ['x']);
    expect(problems).toEqual([]);
    expect(loaded.map(({ file, text }) => [file, text])).toEqual([
      ['a.yaml', textOf('first')],
      ['b.yml', textOf('second')],
    ]);
  });

  test('a broken file and an unreadable one do not stop the others', async () => {
    await writeFile(join(dir, 'a.yaml'), 'trigger: [');
    await mkdir(join(dir, 'b.yaml'));
    await writeFile(join(dir, 'c.yaml'), textOf('good'));
    const { loaded, problems } = await loadTriggerFolder(dir, ['x']);
    expect(loaded.map(({ file }) => file)).toEqual(['c.yaml']);
    expect(new Set(problems.map(({ file }) => file))).toEqual(new Set(['a.yaml', 'b.yaml']));
  });

  test('the second file with a name is the problem', async () => {
    await writeFile(join(dir, 'a.yaml'), textOf('same'));
    await writeFile(join(dir, 'b.yaml'), textOf('same'));
    const { loaded, problems } = await loadTriggerFolder(dir, ['x']);
    expect(loaded.map(({ file }) => file)).toEqual(['a.yaml']);
    expect(problems).toMatchObject([{ file: 'b.yaml', path: 'trigger' }]);
  });

  test('a folder that is not there says which setting names it', async () => {
    await expect(loadTriggerFolder(join(dir, 'none'), [])).rejects.toThrow(/none.*TRIGGERS_DIR/);
  });
});

describe('makeTriggerIndex()', () => {
  test.each([
    ['the same', push, ['a', 'b']],
    ['another tenant', { ...push, tenantId: 'ten_2' }, []],
    ['another source', { ...push, source: 'gitlab' }, []],
    ['another type', { ...push, type: 'pull_request' }, ['b']],
    ['one trigger only', { ...push, triggerId: 'trg_b' }, ['b']],
    ['one trigger that listens to something else', { ...push, triggerId: 'trg_c' }, []],
  ])('matches by tenant, source and type: %s', (_, event, names) => {
    const index = makeTriggerIndex([
      triggerWith('a', {}),
      triggerWith('b', { events: ['*'] }),
      triggerWith('c', { events: ['issues.*'] }),
    ]);
    const runs = index.match(event, () => scopeWith({}));
    expect(runs.map(({ trigger }) => trigger)).toEqual(names);
  });

  test('a run pins the revision it was planned with', () => {
    const index = makeTriggerIndex([triggerWith('a', { when: 'body.ok' })]);
    expect(index.match(push, () => scopeWith({ ok: true }))).toEqual([
      { triggerId: 'trg_a', trigger: 'a', revision: 2, failure: null },
    ]);
    expect(index.match(push, () => scopeWith({ ok: false }))).toEqual([]);
  });

  test('a condition that has no value is a failed run, and others go on', () => {
    const index = makeTriggerIndex([
      triggerWith('a', { when: 'body.other.ok' }),
      triggerWith('b', { when: 'body.ok' }),
    ]);
    expect(index.match(push, () => scopeWith({ ok: true }))).toMatchObject([
      { trigger: 'a', failure: 'when: field not found: other' },
      { trigger: 'b', failure: null },
    ]);
  });

  test('a stored condition that does not compile any more fails its own runs only', () => {
    const index = makeTriggerIndex([triggerWith('a', { when: 'gone(1)' }), triggerWith('b', {})]);
    expect(index.match(push, () => scopeWith({}))).toMatchObject([
      { trigger: 'a', failure: 'when: Unknown function "gone"' },
      { trigger: 'b', failure: null },
    ]);
  });

  test('the event is opened at most once, and only for a condition', () => {
    let opened = 0;
    const open = (): TriggerScope => {
      opened += 1;
      return scopeWith({ ok: true });
    };
    makeTriggerIndex([triggerWith('a', {})]).match(push, open);
    expect(opened).toBe(0);
    const conditions = ['a', 'b', 'c'].map((name) => triggerWith(name, { when: 'body.ok' }));
    makeTriggerIndex(conditions).match(push, open);
    expect(opened).toBe(1);
  });
});

describe('the triggers of this repository', () => {
  /** The runs' actions for a recorded body. */
  async function actionsFor(type: string, sample: string): Promise<unknown[]> {
    const { loaded, problems } = await loadTriggerFolder('triggers', automationNames);
    expect(problems).toEqual([]);
    const active = loaded.map(({ definition }) => triggerWith(definition.name, definition));
    const text = await readFile(`samples/github/${sample}.json`, 'utf8');
    const body: unknown = JSON.parse(text);
    const scope = (): TriggerScope => scopeWith(body);
    const runs = makeTriggerIndex(active).match({ ...push, type }, scope);
    return runs.map(({ trigger, failure }) => {
      const definition = active.find((one) => one.definition.name === trigger)?.definition;
      return failure ?? renderAction(definition, scope);
    });
  }

  test('an opened pull request is reviewed', async () => {
    expect(await actionsFor('pull_request', 'pull_request')).toMatchObject([
      {
        kind: 'workflow',
        name: 'reviewPullRequest',
        with: {
          pr_url: 'https://github.com/acme-labs/checkout/pull/482',
          title: 'Retry payments with backoff',
          description: 'Retries are durable now. 已完成 ✅ – see “notes”.',
          additions: 120,
          changed_files: 4,
        },
      },
    ]);
  });

  test('a draft is not, until it is ready for review', async () => {
    expect(await actionsFor('pull_request', 'pull_request.draft')).toEqual([]);
    expect(await actionsFor('pull_request', 'pull_request.ready_for_review')).toHaveLength(1);
  });

  test('an issue is imported', async () => {
    expect(await actionsFor('issues', 'issues')).toMatchObject([
      { name: 'importIssues', with: { source: 'github', number: 77 } },
    ]);
  });

  test('a push starts nothing', async () => {
    expect(await actionsFor('push', 'push')).toEqual([]);
  });
});
