import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type {
  ActiveTrigger,
  GuardKeys,
  TriggerDefinition,
  TriggerScope,
} from '../../src/domain/trigger.ts';
import { makeTriggerIndex } from '../../src/runtime/trigger-index.ts';
import { definitionWith, onEvents } from '../support/definition.ts';
import { scopeWith } from '../support/scope.ts';

function triggerWith(name: string, definition: Partial<TriggerDefinition>): ActiveTrigger {
  return {
    id: `trg_${name}`,
    tenantId: 'ten_1',
    revision: 2,
    definition: definitionWith({ name, ...definition }),
  };
}

const push = { tenantId: 'ten_1', source: 'github', type: 'push', depth: 0, triggerId: null };

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
      triggerWith('b', { on: onEvents('github', ['*']) }),
      triggerWith('c', { on: onEvents('github', ['issues.*']) }),
    ]);
    const runs = index.match(event, () => scopeWith({}));
    expect(runs.map(({ trigger }) => trigger)).toEqual(names);
  });

  test('one that was read again fires as before', () => {
    const read = (): ActiveTrigger[] => [triggerWith('a', { when: 'body.ok' })];
    const earlier = makeTriggerIndex(read());
    const index = makeTriggerIndex(read(), { earlier });
    expect(index.match(push, () => scopeWith({ ok: true }))).toHaveLength(1);
  });

  test('a run pins the revision it was planned with', () => {
    const index = makeTriggerIndex([triggerWith('a', { when: 'body.ok' })]);
    expect(index.match(push, () => scopeWith({ ok: true }))).toEqual([
      {
        triggerId: 'trg_a',
        trigger: 'a',
        revision: 2,
        isShadow: false,
        failure: null,
        guards: null,
      },
    ]);
    expect(index.match(push, () => scopeWith({ ok: false }))).toEqual([]);
  });

  test('a condition that has no value is a failed run, and others go on', () => {
    const index = makeTriggerIndex([
      triggerWith('a', { when: 'body.other.ok' }),
      triggerWith('b', { when: 'body.ok' }),
    ]);
    expect(index.match(push, () => scopeWith({ ok: true }))).toMatchObject([
      { trigger: 'a', failure: 'when: field not found: other (at character 5 of "body.other.ok")' },
      { trigger: 'b', failure: null },
    ]);
  });

  test('a stored condition that does not compile any more fails its own runs only', () => {
    const index = makeTriggerIndex([triggerWith('a', { when: 'gone(1)' }), triggerWith('b', {})]);
    expect(index.match(push, () => scopeWith({}))).toMatchObject([
      { trigger: 'a', failure: 'when: Unknown function "gone" (at character 1 of "gone(1)")' },
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

describe('makeTriggerIndex() and patterns', () => {
  const on: TriggerDefinition['on'] = [
    {
      source: 'github',
      events: ['pull_*', 'pull_request.*', 'pull_request.opened'],
      as: null,
      when: null,
    },
    { source: 'gitlab', events: ['merge_request'], as: null, when: null },
    { source: 'github', events: ['*'], as: null, when: null },
  ];

  test.each([
    ['github', 'pull_request.opened'],
    ['github', 'push'],
    ['gitlab', 'merge_request'],
  ])('several patterns that match %s %s are one run', (source, type) => {
    const index = makeTriggerIndex([triggerWith('a', { on }), triggerWith('b', { on })]);
    const runs = index.match({ ...push, source, type }, () => scopeWith({}));
    expect(runs.map(({ trigger }) => trigger)).toEqual(['a', 'b']);
  });

  test('the runs are in the order of the triggers, whatever their patterns', () => {
    const index = makeTriggerIndex([
      triggerWith('a', { on: onEvents('github', ['*']) }),
      triggerWith('b', { on: onEvents('github', ['push']) }),
      triggerWith('c', { on: onEvents('github', ['pu*']) }),
    ]);
    const runs = index.match(push, () => scopeWith({}));
    expect(runs.map(({ trigger }) => trigger)).toEqual(['a', 'b', 'c']);
  });

  test('among 1,000 triggers only those of the type are evaluated', () => {
    const others = Array.from({ length: 997 }, (_, number) =>
      triggerWith(`other-${number}`, {
        on: onEvents('github', [number % 2 === 0 ? `type.${number}` : `type.${number}.*`]),
        when: 'body.none',
      }),
    );
    const wanted = ['a', 'b', 'c'].map((name) => triggerWith(name, { when: 'body.ok' }));
    let evaluations = 0;
    const nowMs = (): number => (evaluations += 0.5); // Twice for each: before it and after.
    const index = makeTriggerIndex([...others, ...wanted], { nowMs });
    const runs = index.match(push, () => scopeWith({ ok: true }));
    expect(runs.map(({ failure }) => failure)).toEqual([null, null, null]);
    expect(evaluations).toBe(3);
  });

  test('an event too deep in a chain makes a failed run that says what to change', () => {
    const index = makeTriggerIndex([
      triggerWith('a', { when: 'body.ok' }),
      triggerWith('b', { when: '!body.ok' }),
    ]);
    const scope = (): TriggerScope => scopeWith({ ok: true });
    expect(index.match({ ...push, depth: 8 }, scope)).toMatchObject([{ failure: null }]);
    expect(index.match({ ...push, depth: 9 }, scope)).toMatchObject([
      { trigger: 'a', failure: expect.stringMatching(/^loop: 9 events.*"when"/) as unknown },
    ]);
  });
});

describe('the guards of a planned run', () => {
  const none = {
    dedupe: null,
    debounce: null,
    concurrency: null,
    throttle: null,
    join: null,
    part: null,
  };
  const long = 'x'.repeat(201);
  const hash = (text: string): string =>
    `sha256:${createHash('sha256').update(text).digest('hex')}`;

  function guardsFor(definition: Partial<TriggerDefinition>): GuardKeys | null | undefined {
    const body = {
      pr: 'x/1',
      number: 7,
      list: [1, 'a'],
      none: null,
      long,
      limit: 'x'.repeat(200),
      nul: 'a\0',
      half: '\ud800',
    };
    const [run] = makeTriggerIndex([triggerWith('a', definition)]).match(push, () =>
      scopeWith(body),
    );
    expect(run?.failure).toBeNull();
    return run?.guards;
  }

  test('there are none where nothing holds a run', () => {
    expect(guardsFor({})).toBeNull();
  });

  test.each([
    ['a text as it is', 'body.pr', 'x/1'],
    ['a number as JSON', 'body.number', '7'],
    ['a list as JSON', 'body.list', '[1,"a"]'],
    ['null as JSON', 'body.none', 'null'],
    ['200 characters as they are', 'body.limit', 'x'.repeat(200)],
    ['201 characters as their hash', 'body.long', hash(long)],
    ['a NUL, which PostgreSQL would refuse, as a hash', 'body.nul', hash('a\0')],
    ['half of a pair as a hash', 'body.half', hash('\ud800')],
  ])('a key is %s', (_, key, text) => {
    expect(guardsFor({ dedupe: { key, forMs: 1000 } })).toEqual({ ...none, dedupe: text });
  });

  test('a guard without a key is one lane, and each guard has its own', () => {
    const guards = guardsFor({
      debounce: { key: null, forMs: 1000 },
      concurrency: { key: 'body.pr', limit: 1, onBusy: 'queue' },
      throttle: { key: 'event.tenant_id', limit: 1, perMs: 1000 },
    });
    expect(guards).toEqual({ ...none, debounce: '', concurrency: 'x/1', throttle: 'ten_1' });
  });

  test('a key that has no value is a failed run that says where', () => {
    const index = makeTriggerIndex([
      triggerWith('a', { dedupe: { key: 'body.gone', forMs: 1000 } }),
    ]);
    expect(index.match(push, () => scopeWith({}))).toMatchObject([
      {
        failure: 'dedupe.key: field not found: gone (at character 5 of "body.gone")',
        guards: null,
      },
    ]);
  });

  test('a trigger that only watches is told so', () => {
    const index = makeTriggerIndex([triggerWith('a', { mode: 'shadow' }), triggerWith('b', {})]);
    expect(index.match(push, () => scopeWith({}))).toMatchObject([
      { isShadow: true },
      { isShadow: false },
    ]);
  });
});

describe('the parts of a join', () => {
  const join: Partial<TriggerDefinition> = {
    on: [
      { source: 'github', events: ['push'], as: 'main', when: 'body.ref == "main"' },
      { source: 'github', events: ['push', 'tag'], as: 'other', when: null },
    ],
    join: { by: { main: 'body.sha', other: 'body.sha' }, withinMs: 1000 },
    when: 'main.body.sha == other.body.missing',
    dedupe: { key: 'body.sha', forMs: 1000 },
  };
  const index = makeTriggerIndex([triggerWith('a', join)]);

  test.each([
    [{ ref: 'main', sha: 'f' }, 'main'],
    [{ ref: 'x', sha: 'f' }, 'other'],
  ])('the body %o is the part %s, and the own condition of the trigger waits', (body, part) => {
    expect(index.match(push, () => scopeWith(body))).toMatchObject([
      { failure: null, guards: { part, join: 'f', dedupe: 'f', throttle: null } },
    ]);
  });

  test.each([
    [{ ref: 'x', sha: null }, /^on\.by\.other: Gives null: without a key.*"body\.sha"/],
    [{ ref: 'x' }, /^dedupe\.key: field not found: sha/],
    [{}, /^on\.main\.when: field not found: ref/],
  ])('the body %o is a failed run', (body, failure) => {
    expect(index.match(push, () => scopeWith(body))).toMatchObject([
      { guards: null, failure: expect.stringMatching(failure) as unknown },
    ]);
  });
});
