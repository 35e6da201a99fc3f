import { describe, expect, test } from 'vitest';
import { checkTriggerFile, matchesType } from '../../src/runtime/trigger-file.ts';
import { formatProblem } from '../../src/runtime/trigger-problems.ts';

const head = 'trigger: review\non: { source: github, events: [push] }\n';

/** The problems of a file, one line each; none when it is good. */
function problemsOf(content: string | Buffer): string[] {
  const bytes = Buffer.from(content);
  const checked = checkTriggerFile('review.yaml', bytes, ['deployPreview', 'x']);
  return 'problems' in checked ? checked.problems.map(formatProblem) : [];
}

describe('checkTriggerFile()', () => {
  test('reads a file into a definition; "on" stays a key', () => {
    const text = [
      'trigger: review',
      'description: Deploy a preview',
      'on: { source: github, events: [push, "merge_request.*"] }',
      "when: body.ref == 'refs/heads/main'",
      'do:',
      '  workflow: deployPreview',
      '  with: { ref: "${{ body.ref }}", depth: 3 }',
    ].join('\n');
    expect(checkTriggerFile('review.yaml', Buffer.from(text), ['deployPreview'])).toEqual({
      definition: {
        name: 'review',
        description: 'Deploy a preview',
        source: 'github',
        events: ['push', 'merge_request.*'],
        when: "body.ref == 'refs/heads/main'",
        action: {
          kind: 'workflow',
          name: 'deployPreview',
          with: { ref: '${{ body.ref }}', depth: 3 },
        },
      },
    });
  });

  test.each([
    ['emit of the catalog', 'do: { emit: session.archived, with: { session_id: a } }'],
    ['emit of an own type', 'do: { emit: custom.deploy }'],
    ['with beside do', 'do: { workflow: x }\nwith: { a: 1 }'],
  ])('takes %s', (_, rest) => {
    expect(problemsOf(head + rest)).toEqual([]);
  });

  test.each([
    ['a misspelt key', 'whne: "true"\ndo: { workflow: x }', /:3:1: whne: .*did you mean "when"/],
    ['no do', '', /:\d:\d+: do: do is required and missing/],
    ['an empty do', 'do: {}', /:3:\d+: do: Needs exactly one of workflow, emit/],
    ['two actions', 'do: { workflow: x, emit: custom.y }', /:3:.*exactly one of workflow, emit/],
    [
      'an unknown automation',
      'do: { workflow: deployPrevew }',
      /:3:17: do.workflow:.*deployPreview$/,
    ],
    ['an unknown type', 'do: { emit: session.finish }', /:3:13: do.emit:.*session\.finished/],
    [
      'a type off the prototype',
      'do: { emit: toString }',
      /do.emit: "toString" is not in the catalog/,
    ],
    [
      'a condition of another type',
      'when: true\ndo: { workflow: x }',
      /:3:7: when: when must be a str/,
    ],
    ['a text for a map', 'do: workflow', /:3:5: do: do must be a map/],
    ['with that is empty', 'do: { workflow: x, with: }', /do.with: do.with must be a map/],
    ['with twice', 'do: { workflow: x, with: {} }\nwith: {}', /:4:\d+: with: Write "with" once/],
    [
      'a prototype key',
      'do: { workflow: x, with: { a: [{ __proto__: { b: 1 } }] } }',
      /with\.a\.0\.__proto__/,
    ],
    [
      'what JSON has not',
      'do: { workflow: x, with: { a: .nan } }',
      /:3:\d+: do.with.a: Is no JSON/,
    ],
    ['binary', 'do: { workflow: x, with: { a: !!binary aGk= } }', /do.with.a: Is no JSON/],
    ['a script tag', 'do: { workflow: x, with: { a: !!js/function "f" } }', /:3:\d+: .*tag/],
    [
      'a duplicate key',
      'when: "true"\nwhen: "false"\ndo: { workflow: x }',
      /:4:1: Duplicate.*when/,
    ],
    ['a second document', 'do: { workflow: x }\n---\na: 1', /:4:\d+: .*document/],
    ['an alias into itself', 'do: { workflow: x, with: &a { b: *a } }', /:3:\d+: .*alias/],
    ['an alias of nothing', 'do: { workflow: x, with: { b: *a } }', /:3:\d+: .*alias/],
    ['a NUL', 'description: "a\u0000b"\ndo: { workflow: x }', /:3:1: .*NUL/],
    [
      'a list nested too deep',
      `do: { workflow: x, with: { a: ${'['.repeat(40)}${']'.repeat(40)} } }`,
      /deeper than 32/,
    ],
    [
      'a parser overflow',
      `do: { workflow: x, with: { a: ${'['.repeat(5000)}${']'.repeat(5000)} } }`,
      /./,
    ],
    [
      'a condition that overflows',
      `when: "1${'+1'.repeat(2040)}"\ndo: { workflow: x }`,
      /when: .*complex/,
    ],
  ])('refuses %s', (_, rest, problem) => {
    const problems = problemsOf(head + rest);
    expect(problems.length).toBeGreaterThan(0);
    expect(problems.join('\n')).toMatch(problem);
  });

  test.each(['dedupe', 'concurrency', 'throttle', 'debounce', 'timeout', 'retry', 'mode', 'tests'])(
    'says that "%s" is not supported, rather than leave it out',
    (key) => {
      expect(problemsOf(`${head}${key}: 1\ndo: { workflow: x }`)).toEqual([
        expect.stringContaining(`${key}: The key "${key}" is not supported by this version`),
      ]);
    },
  );

  test('points at the key that is too much, whatever lies under it', () => {
    const text = `${head}dedupe:\n  key: body.id\ndo:\n  forward:\n    url: a\n  workflow: x`;
    expect(problemsOf(text).map((line) => line.split(': ', 2).join(': '))).toEqual([
      'review.yaml:3:1: dedupe',
      'review.yaml:6:3: do.forward',
    ]);
  });

  test('names a duplicate key below the top', () => {
    expect(problemsOf(`${head}do:\n  workflow: x\n  "with": {}\n  with: {}`)).toEqual([
      'review.yaml:6:3: Duplicate key "with": a key stands once',
    ]);
  });

  test.each(['session', 'forward'])('says so of the action "%s"', (kind) => {
    expect(problemsOf(`${head}do: { ${kind}: a }`)).toEqual([
      expect.stringContaining(`The key "${kind}" is not supported by this version`),
    ]);
  });

  test.each([
    ['githib', 'did you mean "github"?'],
    ['bitbucket', 'there are lark'],
  ])('refuses source "%s" with a hint', (source, hint) => {
    const text = `trigger: a\non: { source: ${source}, events: [push] }\ndo: { workflow: x }`;
    expect(problemsOf(text)).toEqual([expect.stringContaining(hint)]);
    expect(problemsOf(text)).toEqual([expect.stringContaining('review.yaml:2:15: on.source: ')]);
  });

  test.each(['a*b', '**', '', 'pull_request.[open'])('refuses the pattern "%s"', (pattern) => {
    const text = `trigger: a\non: { source: github, events: ["${pattern}"] }\ndo: { workflow: x }`;
    expect(problemsOf(text)).toEqual([expect.stringContaining(':2:33: on.events.0: ')]);
  });

  test.each(['../x', 'Review', 'constructor', 'a'.repeat(64), 'a b'])(
    'refuses the name %s',
    (name) => {
      const text = `trigger: ${name}\non: { source: github, events: [push] }\ndo: { workflow: x }`;
      expect(problemsOf(text)).toEqual([expect.stringContaining('review.yaml:1:10: trigger: ')]);
    },
  );

  test.each([
    ['on its line', 'when: body.a == payload.b', ':3:17:'],
    ['in quotes', 'when: "body.a == payload.b"', ':3:18:'],
    ['in a block', 'when: |\n  body.a == 1.0\n  && payload.b', ':5:6:'],
    ['in a folded block', 'when: >-\n  body.a == 1.0\n\n  && payload.b', ':6:'],
  ])('points at the mistake in an expression %s', (_, when, place) => {
    const [problem] = problemsOf(`${head}${when}\ndo: { workflow: x }`);
    expect(problem).toContain(`review.yaml${place}`);
    expect(problem).toContain('Unknown variable "payload"');
  });

  test('reports mistakes of every kind together', () => {
    const text = `${head}when: payload.x\nmood: 1\ndo: { workflow: x, with: { a: "\${{ nope }}" } }`;
    const paths = problemsOf(text).map((line) => line.split(': ')[1]);
    expect(paths).toEqual(['when', 'mood', 'do.with.a']);
  });

  test.each([
    ['empty', ''],
    ['no map', '- a'],
    ['not UTF-8', Buffer.from([0xff, 0xfe])],
    ['too large', `${head}description: ${'x'.repeat(256 * 1024)}\ndo: { workflow: x }`],
  ])('refuses a file that is %s in one line', (_, content) => {
    expect(problemsOf(content)).toEqual([expect.stringMatching(/^review\.yaml:1:1: /)]);
  });

  test('aliases that multiply are refused at once', () => {
    const bomb = [
      'a: &a [l, l, l, l, l, l, l, l, l]',
      ...['b', 'c', 'd', 'e', 'f'].map((name, index) => {
        const inner = `*${'abcde'.charAt(index)}`;
        return `${name}: &${name} [${Array.from({ length: 9 }, () => inner).join(', ')}]`;
      }),
    ].join('\n');
    const startedAt = performance.now();
    expect(problemsOf(`${head}${bomb}\ndo: { workflow: x }`).join()).toMatch(/alias/);
    expect(performance.now() - startedAt).toBeLessThan(1000);
  });
});

describe('matchesType()', () => {
  test.each([
    ['push', 'push', true],
    ['push', 'push.a', false],
    ['pull_request.*', 'pull_request.opened', true],
    ['pull_request.*', 'pull_request', false],
    ['pull_request.*', 'pull_request_review', false],
    ['*', 'anything', true],
  ])('"%s" and "%s": %s', (pattern, type, isMatch) => {
    expect(matchesType(pattern, type)).toBe(isMatch);
  });
});
