import { describe, expect, test } from 'vitest';
import type { TriggerDefinition } from '../../src/domain/trigger.ts';
import { makeEgress } from '../../src/runtime/egress.ts';
import { checkTriggerFile } from '../../src/runtime/trigger-file.ts';
import { formatProblem } from '../../src/runtime/trigger-problems.ts';
import { definitionWith } from '../support/definition.ts';

const known = { automations: ['deployPreview', 'x'], refuseUrl: makeEgress([]).refuseTarget };

/** The lines of a file that is good without them; one that begins with a key of these replaces it. */
function fileWith(lines: string): string {
  const own = Object.entries({
    trigger: 'review',
    on: '{ source: github, events: [push] }',
    do: '{ workflow: x }',
  }).filter(([key]) => !new RegExp(`^${key}:`, 'm').test(lines));
  return [...own.map(([key, value]) => `${key}: ${value}`), lines].join('\n');
}

function definitionOf(lines: string): TriggerDefinition | readonly string[] {
  const checked = checkTriggerFile('review.yaml', Buffer.from(fileWith(lines)), known);
  return 'problems' in checked ? checked.problems.map(formatProblem) : checked.definition;
}

/** The problems of a file, one line each; none when it is good. */
function problemsOf(content: string | Buffer): string[] {
  const checked = checkTriggerFile('review.yaml', Buffer.from(content), known);
  return 'problems' in checked ? checked.problems.map(formatProblem) : [];
}

const join = [
  'on:',
  '  all:',
  '    - { source: gitlab, events: [merge_request], as: mr, when: body.ok }',
  '    - { source: gitlab, events: [pipeline], as: ci }',
  '  by: { mr: body.sha, ci: body.object.sha }',
  '  within: 2h',
].join('\n');

const twoParts = [
  { source: 'gitlab', events: ['merge_request'], as: 'mr', when: 'body.ok' },
  { source: 'gitlab', events: ['pipeline'], as: 'ci', when: null },
];

describe('checkTriggerFile(): each key', () => {
  test.each<[string, Partial<TriggerDefinition>]>([
    ['', {}],
    ['trigger: a-1', { name: 'a-1' }],
    ['description: What for', { description: 'What for' }],
    [
      'on: { source: gitlab, events: [push, "merge_request.*", "*"] }',
      {
        on: [{ source: 'gitlab', events: ['push', 'merge_request.*', '*'], as: null, when: null }],
      },
    ],
    [
      'on: [{ source: github, events: [push] }, { source: events, events: ["session.*"] }]',
      {
        on: [
          { source: 'github', events: ['push'], as: null, when: null },
          { source: 'events', events: ['session.*'], as: null, when: null },
        ],
      },
    ],
    [
      join,
      {
        on: twoParts,
        join: { by: { mr: 'body.sha', ci: 'body.object.sha' }, withinMs: 7_200_000 },
      },
    ],
    ['when: body.a == 1.0', { when: 'body.a == 1.0' }],
    ['dedupe: { key: body.id }', { dedupe: { key: 'body.id', forMs: 86_400_000 } }],
    ['dedupe: { key: body.id, for: 10m }', { dedupe: { key: 'body.id', forMs: 600_000 } }],
    ['debounce: { for: 500ms }', { debounce: { key: null, forMs: 500 } }],
    [
      'debounce: { key: body.id, for: 30d }',
      { debounce: { key: 'body.id', forMs: 2_592_000_000 } },
    ],
    ['concurrency: {}', { concurrency: { key: null, limit: 1, onBusy: 'queue' } }],
    [
      'concurrency: { key: body.id, limit: 1000, on_busy: replace }',
      { concurrency: { key: 'body.id', limit: 1000, onBusy: 'replace' } },
    ],
    ['throttle: { limit: 1, per: 1m }', { throttle: { key: null, limit: 1, perMs: 60_000 } }],
    [
      'throttle: { limit: 10000, per: 1s, key: event.tenant_id }',
      { throttle: { key: 'event.tenant_id', limit: 10_000, perMs: 1000 } },
    ],
    [
      'do: { workflow: deployPreview, with: { a: "${{ body.a }}", b: 3 } }',
      { action: { kind: 'workflow', name: 'deployPreview', with: { a: '${{ body.a }}', b: 3 } } },
    ],
    ['with: { a: 1 }', { action: { kind: 'workflow', name: 'x', with: { a: 1 } } }],
    [
      'do: { session: review }',
      { action: { kind: 'session', name: 'review', key: null, with: {} } },
    ],
    [
      'do: { session: review, key: body.id }',
      { action: { kind: 'session', name: 'review', key: 'body.id', with: {} } },
    ],
    [
      'do: { emit: session.archived }',
      { action: { kind: 'emit', type: 'session.archived', with: {} } },
    ],
    ['do: { emit: custom.deploy }', { action: { kind: 'emit', type: 'custom.deploy', with: {} } }],
    [
      'do: { forward: "https://ci.example.com/${{ body.id }}" }',
      { action: { kind: 'forward', url: 'https://ci.example.com/${{ body.id }}', with: null } },
    ],
    [
      'do: { forward: "https://ci.example.com/", with: {} }',
      { action: { kind: 'forward', url: 'https://ci.example.com/', with: {} } },
    ],
    ['timeout: 30m', { timeoutMs: 1_800_000 }],
    ['retry: { attempts: 3 }', { retry: { attempts: 3, backoffMs: 30_000 } }],
    ['retry: { attempts: 20, backoff: 1s }', { retry: { attempts: 20, backoffMs: 1000 } }],
    ['mode: shadow', { mode: 'shadow' }],
  ])('takes "%s"', (lines, over) => {
    expect(definitionOf(lines)).toEqual(definitionWith(over));
  });

  test('hands out the tests that stand in it', () => {
    const text = fileWith(
      'tests: [{ name: fires, event: github/push.json, expect: { fires: true } }]',
    );
    expect(checkTriggerFile('review.yaml', Buffer.from(text), known)).toHaveProperty('tests', [
      { name: 'fires', event: 'github/push.json', expect: { fires: true } },
    ]);
  });

  test.each([
    ['whne: "true"', ':4:1: whne: Unknown key "whne": did you mean "when"?'],
    ['do: {}', ':3:5: do: do needs exactly one of workflow, session, emit, forward'],
    [
      'do: { workflow: x, emit: custom.y }',
      'exactly one of workflow, session, emit, forward: there are workflow and emit',
    ],
    [
      'do: { workflow: deployPrevew }',
      'There is no automation "deployPrevew": did you mean "deployPreview"?',
    ],
    ['do: { workflow: x, key: body.id }', 'do.key: do.key goes with do.session only'],
    [
      'do: { emit: session.finish }',
      '"session.finish" is not in the catalog: did you mean "session.finished"?',
    ],
    ['do: { emit: toString }', '"toString" is not in the catalog'],
    ['do: { session: Code Review }', 'do.session must be a name of a-z'],
    ['do: { workflow: x, with: {} }\nwith: {}', ':4:1: with: Write "with" once'],
    ['do: { forward: "http://127.0.0.1/" }', 'The address is not allowed'],
    [
      'do: { forward: "https://${{ body.host }}/" }',
      'do.forward must name its scheme, host and port',
    ],
    ['do: { forward: "https://a.example.com/${{ body. }}" }', 'do.forward: Syntax'],
    ['when: true', 'when must be a text'],
    ['dedupe: { for: 1h }', 'dedupe.key is required and missing'],
    ['dedupe: { key: body.id, for: ten minutes }', 'dedupe.for must be a duration such as 10m'],
    ['dedupe: { key: body.id, for: 31d }', 'dedupe.for must be more than 0 and at most 30d'],
    ['debounce: { key: body.id }', 'debounce.for is required and missing'],
    ['debounce: { for: 0s }', 'debounce.for must be more than 0'],
    ['concurrency: { limit: 0 }', 'concurrency.limit must be at least 1'],
    ['concurrency: { limit: 1001 }', 'concurrency.limit must be at most 1000'],
    ['concurrency: { on_busy: drop }', 'concurrency.on_busy must be one of queue, skip, replace'],
    ['throttle: { limit: 10001, per: 1m }', 'throttle.limit must be at most 10000'],
    ['throttle: { limit: 1 }', 'throttle.per is required and missing'],
    ['timeout: 30', 'timeout must be a duration such as 10m'],
    ['retry: { attempts: 21 }', 'retry.attempts must be at most 20'],
    ['retry: { backoff: 1s }', 'retry.attempts is required and missing'],
    ['mode: shaddow', 'mode must be one of active, shadow: did you mean "shadow"?'],
    [
      'on: { source: githib, events: [push] }',
      'on.source: Unknown source "githib": did you mean "github"?',
    ],
    ['on: { source: github, events: [] }', 'on.events is empty: it needs at least one'],
    ['on: { source: github, events: [a*b] }', 'on.events.0 must be an event type or a pattern'],
    [
      'on: { source: events, events: [sesion.*] }',
      '"sesion.*" is not in the catalog: did you mean "session.*"?',
    ],
    ['on: []', 'on is empty'],
    ['on: push', 'on must be a map'],
    [join.replace('as: ci', 'as: mr'), 'The name "mr" is there already'],
    [join.replace('as: ci', 'as: body'), 'is a reserved name'],
    [join.replace('ci: body.object.sha', 'cj: body.object.sha'), '"cj" is no part of on.all'],
    [join.replace('ci: body.object.sha', 'ci: mr.body.sha'), 'on.by.ci: Unknown variable "mr"'],
    [
      `${join}\nwhen: ic.body.ok`,
      'when: Unknown variable "ic": there are event, body, headers, query, mr, ci',
    ],
    [`${join}\ndedupe: { key: ci.body.sha }`, 'dedupe.key: Unknown variable "ci"'],
    [join.replace('  within: 2h', ''), 'on.within is required and missing'],
    ['tests: [{ name: a, expect: { fires: true } }]', 'A test of this trigger needs event'],
    [
      'tests: [{ name: a, event: githb/push, expect: { fires: true } }]',
      'There are no samples of "githb": did you mean "github"?',
    ],
    ['with: { a: "\\uD800" }', 'with.a: Has a character that no text may have'],
    ['with: { a: .nan }', 'with.a: Is no JSON value'],
    ['with: { a: &a { b: 1 }, <<: *a }', 'The merge key "<<" is not supported'],
  ])('refuses "%s"', (lines, problem) => {
    expect(problemsOf(fileWith(lines)).join('\n')).toContain(problem);
  });
});

describe('checkTriggerFile(): parts of a join', () => {
  test('are variables once all are there', () => {
    const lines = [
      join,
      'when: mr.body.ok && ci.event.type == event.type',
      'do: { session: review, key: mr.body.id, with: { sha: "${{ ci.body.sha }}" } }',
    ].join('\n');
    expect(problemsOf(fileWith(lines))).toEqual([]);
    expect(problemsOf(fileWith(lines.replace(join, 'mode: active'))).join('\n')).toContain(
      'Unknown variable "mr": there are event, body, headers, query',
    );
  });
});

describe('checkTriggerFile(): places', () => {
  test.each([
    ['on its line', 'when: body.a == payload.b', ':4:17:'],
    ['in quotes', 'when: "body.a == payload.b"', ':4:18:'],
    ['behind escapes', 'when: "body.a == \\"\\u0041\\" && payload.b"', ':4:32:'],
    ['behind a doubled quote', "when: 'body.a == ''x'' && payload.b'", ':4:27:'],
    ['in a block', 'when: |\n  body.a == 1.0\n  && payload.b', ':6:6:'],
    ['in a folded block', 'when: >-\n  body.a == 1.0\n\n  && payload.b', ':7:6:'],
    ['on a plain second line', 'when: body.a == 1.0\n  && payload.b', ':5:6:'],
  ])('points at the mistake in an expression %s', (_, when, place) => {
    const [problem] = problemsOf(fileWith(when));
    expect(problem).toContain(`review.yaml${place}`);
    expect(problem).toContain('Unknown variable "payload"');
  });

  test('reports mistakes of every kind together', () => {
    const lines = 'when: payload.x\nmood: 1\ndedupe: { kye: 1 }\nwith: { a: "${{ nope }}" }';
    const paths = problemsOf(fileWith(lines)).map((line) => line.split(': ')[1]);
    expect(paths).toEqual(['when', 'mood', 'dedupe.key', 'dedupe.kye', 'with.a']);
  });

  test('what is in the world is asked for in the parts that have the right form', () => {
    const text =
      'trigger: review\non: { source: githib, events: [push] }\nwhne: 1\ndo: { workflow: none }\n';
    const known = { automations: ['x'], refuseUrl: () => undefined };
    const checked = checkTriggerFile('review.yaml', Buffer.from(text), known);
    const paths = 'problems' in checked ? checked.problems.map(({ path }) => path) : [];
    expect(paths).toEqual(['on.source', 'whne', 'do.workflow']);
  });

  test('names the key that stands twice', () => {
    expect(problemsOf(fileWith('do:\n  workflow: x\n  "with": {}\n  with: {}'))).toEqual([
      'review.yaml:6:3: do.with: Duplicate key "with": a key stands once',
    ]);
  });

  test('says a hundred of very many mistakes, and how many there are', () => {
    const keys = Array.from({ length: 300 }, (_, index) => `key${index}: 1`).join('\n');
    const problems = problemsOf(fileWith(keys));
    expect(problems).toHaveLength(101);
    expect(problems.at(-1)).toContain('And 200 more mistakes');
  });
});

describe('checkTriggerFile(): what must not take long', () => {
  const big = 200_000;
  test.each([
    ['keys', Array.from({ length: 10_000 }, (_, index) => `key${index}: 1`).join('\n')],
    ['brackets', `with: ${'['.repeat(big)}`],
    ['dashes', `with:\n${'- '.repeat(big / 2)}x`],
    ['tags', `with: ${'!x '.repeat(big / 3)}`],
    ['templates', `with: { a: "${'${{ 1 }}'.repeat(big / 8)}" }`],
    ['opened templates', `do: { forward: "https://a.example.com/${'${{'.repeat(big / 3)}" }`],
    ['long conditions', `when: ${'x'.repeat(big)}`],
    [
      'aliases',
      `with:\n  a: &a [${'1, '.repeat(1000)}]\n  b: [${Array.from({ length: 49 }, () => '*a').join(', ')}]`,
    ],
  ])('refuses very many %s at once', (_, lines) => {
    const startedAt = process.cpuUsage();
    const problems = problemsOf(fileWith(lines));
    expect(process.cpuUsage(startedAt).user / 1000).toBeLessThan(1000);
    expect(problems).not.toEqual([]);
    expect(problems.every(({ length }) => length < 400)).toBe(true);
  });

  test.each([
    ['empty', ''],
    ['no map', '- a'],
    ['not UTF-8', Buffer.from([0xff, 0xfe])],
    ['too large', `description: ${'x'.repeat(256 * 1024)}`],
  ])('refuses a file that is %s in one line', (_, content) => {
    expect(problemsOf(content)).toEqual([expect.stringMatching(/^review\.yaml:1:1: /)]);
  });
});
