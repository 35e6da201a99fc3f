import { describe, expect, test } from 'vitest';
import type { EventScope } from '../../src/domain/trigger.ts';
import { checkTriggerFile } from '../../src/runtime/trigger-file.ts';
import { runTriggerTests } from '../../src/runtime/trigger-tests.ts';
import type { TriggerTestResult } from '../../src/runtime/trigger-tests.ts';
import { scopeWith } from '../support/scope.ts';

async function readEvent(path: string): Promise<EventScope> {
  if (path === 'github/push.json') return scopeWith({ ref: 'main', id: 7, tags: ['a'] });
  throw new Error(`Cannot find sample "${path}"`);
}

/** What comes out of the tests of a file. */
async function runFile(lines: readonly string[]): Promise<TriggerTestResult[]> {
  const text = ['trigger: a', 'do: { workflow: x }', ...lines].join('\n');
  const known = { automations: ['x'], refuseUrl: () => undefined };
  const checked = checkTriggerFile('a.yaml', Buffer.from(text), known);
  if ('problems' in checked) throw new Error(JSON.stringify(checked.problems));
  return runTriggerTests(checked.definition, checked.tests, readEvent);
}

const single = [
  'on: { source: github, events: [push] }',
  "when: body.ref == 'main'",
  'with: { id: "${{ int(body.id) }}", tags: "${{ body.tags }}", deep: { a: 1, b: 2 } }',
];

describe('runTriggerTests()', () => {
  test.each([
    ['it fires', 'event: github/push.json, expect: { fires: true }', true, 'fires'],
    ['it does not', 'event: github/push.json, expect: { fires: false }', false, 'fires'],
    [
      'a part of with',
      'event: github/push.json, expect: { fires: true, with: { id: 7, deep: { b: 2 } } }',
      true,
      'fires with {"id":7',
    ],
    [
      'another with',
      'event: github/push.json, expect: { fires: true, with: { id: 8 } }',
      false,
      'fires with {"id":7',
    ],
    [
      'a longer list',
      'event: github/push.json, expect: { fires: true, with: { tags: [a, b] } }',
      false,
      'fires with',
    ],
    [
      'an event in place',
      'event: { type: push, body: { ref: dev } }, expect: { fires: false }',
      true,
      'does not fire: condition is false',
    ],
    [
      'another type',
      'event: { type: issues, body: { ref: main } }, expect: { fires: false, why: type }',
      true,
      'does not fire: another type',
    ],
    [
      'another reason',
      'event: { type: push, body: { ref: dev } }, expect: { fires: false, why: another type }',
      false,
      'does not fire: condition is false',
    ],
    [
      'a condition that fails, which is no "does not fire"',
      'event: { type: push, body: {} }, expect: { fires: false }',
      false,
      'fails: ',
    ],
    [
      'a failure that is expected',
      'event: { type: push, body: {} }, expect: { fires: false, why: field not found }',
      true,
      'fails: ',
    ],
    [
      'a with that fails',
      'event: { type: push, body: { ref: main } }, expect: { fires: true }',
      false,
      'fails: ',
    ],
    [
      'a sample that is not there',
      'event: github/none.json, expect: { fires: true }',
      false,
      'Cannot find sample "github/none.json"',
    ],
  ])('%s', async (_, ...row) => {
    const [lines, passed, seen] = row;
    const [result] = await runFile([...single, `tests: [{ name: a test, ${lines} }]`]);
    expect(result).toMatchObject({ name: 'a test', passed });
    expect(result?.seen).toContain(seen);
  });

  test('in a join takes an event for each part', async () => {
    const results = await runFile([
      'on:',
      '  all: [{ source: github, events: [push], as: one }, { source: gitlab, events: [pipeline], as: two }]',
      '  by: { one: body.ref, two: body.ref }',
      '  within: 1h',
      'when: two.body.ok',
      'with: { ref: "${{ one.body.ref }}" }',
      'tests:',
      '  - name: both',
      '    events: { one: github/push.json, two: { type: pipeline, body: { ref: main, ok: true } } }',
      '    expect: { fires: true, with: { ref: main } }',
      '  - name: of two keys',
      '    events: { one: github/push.json, two: { type: pipeline, body: { ref: dev, ok: true } } }',
      '    expect: { fires: false }',
      '  - name: alone',
      '    events: { one: github/push.json }',
      '    expect: { fires: false }',
    ]);
    expect(results.map(({ name, passed }) => `${name}: ${passed}`)).toEqual([
      'both: true',
      'of two keys: true',
      'alone: true',
    ]);
    const seen = results.map((result) => result.seen).join('\n');
    expect(seen).toMatch(/^fires with .*\ndoes not fire: .*keys.*\ndoes not fire: .*waits for two/);
  });
});
