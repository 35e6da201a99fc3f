import { describe, expect, test } from 'vitest';
import { judgeTrigger } from '../../src/runtime/trigger-judgement.ts';
import { definitionWith, onEvents } from '../support/definition.ts';
import { scopeWith } from '../support/scope.ts';

const definition = definitionWith({ on: onEvents('github', ['push', 'pull_request.*']) });

const push = { source: 'github', type: 'push', scope: () => scopeWith({ size: 2 }) };

describe('judgeTrigger()', () => {
  test.each([
    ['another source', { on: onEvents('gitlab', ['push']) }, 'another source: wants gitlab'],
    [
      'another type',
      { on: onEvents('github', ['issues', 'tag.*']) },
      'another type: wants issues, tag.*',
    ],
    ['a false condition', { when: 'body.size > 2' }, 'condition is false: body.size > 2'],
    ['a condition without a value', { when: 'body.none' }, 'condition failed: '],
    ['a condition that does not compile any more', { when: '1 +' }, 'condition failed: '],
  ])('%s: says so', (_, change, why) => {
    const judged = { isActive: true, quarantine: null, definition: { ...definition, ...change } };
    const judgement = judgeTrigger(judged, push);
    expect(judgement).toMatchObject({ isMatch: false });
    expect('why' in judgement ? judgement.why : '').toContain(why);
  });

  test.each([
    ['without a condition', { when: null }],
    ['with a true one', { when: 'body.size > 1' }],
    ['by the beginning of the type', { on: onEvents('github', ['pu*']) }],
    ['by the second of its patterns', { on: [...onEvents('gitlab', ['*']), ...definition.on] }],
  ])('matches %s', (_, change) => {
    const judged = { isActive: true, quarantine: null, definition: { ...definition, ...change } };
    expect(judgeTrigger(judged, push)).toMatchObject({ isMatch: true });
  });

  test.each([
    ['whose file is gone', { isActive: false, quarantine: null, definition }],
    ['whose file was never good', { isActive: true, quarantine: null, definition: undefined }],
  ])('a trigger %s is inactive', (_, judged) => {
    expect(judgeTrigger(judged, push)).toMatchObject({ isMatch: false, why: 'inactive' });
  });

  test('one that the platform holds says why', () => {
    const judged = { isActive: true, quarantine: 'its condition took 312 ms', definition };
    expect(judgeTrigger(judged, push)).toMatchObject({
      isMatch: false,
      why: 'quarantined: its condition took 312 ms',
    });
  });

  test('names the smallest part of the condition that decided', () => {
    const when = 'body.size > 1 && (body.size > 2 || body.size > 3)';
    const judged = { isActive: true, quarantine: null, definition: { ...definition, when } };
    expect(judgeTrigger(judged, push)).toMatchObject({
      isMatch: false,
      decisive: { expression: 'body.size > 2 || body.size > 3', offset: 18, outcome: 'false' },
    });
  });

  test('an event that no condition is asked about is not parsed', () => {
    const event = {
      ...push,
      scope: () => {
        throw new Error('was parsed');
      },
    };
    expect(judgeTrigger({ isActive: true, quarantine: null, definition }, event)).toMatchObject({
      isMatch: true,
    });
  });
});
