import { describe, expect, test } from 'vitest';
import type { TriggerDefinition } from '../../src/domain/trigger.ts';
import { judgeTrigger } from '../../src/runtime/trigger-judgement.ts';
import { scopeWith } from '../support/scope.ts';

const definition: TriggerDefinition = {
  name: 'review',
  description: null,
  source: 'github',
  events: ['push', 'pull_request.*'],
  when: null,
  action: { kind: 'workflow', name: 'x', with: {} },
};

const push = { source: 'github', type: 'push', scope: () => scopeWith({ size: 2 }) };

describe('judgeTrigger()', () => {
  test.each([
    ['another source', { source: 'gitlab' }, 'another source: wants gitlab'],
    ['another type', { events: ['issues', 'tag.*'] }, 'another type: wants issues, tag.*'],
    ['a false condition', { when: 'body.size > 2' }, 'condition is false: body.size > 2'],
    ['a condition without a value', { when: 'body.none' }, 'condition failed: '],
    ['a condition that does not compile any more', { when: '1 +' }, 'condition failed: '],
  ])('%s: says so', (_, change, why) => {
    const judged = { isActive: true, definition: { ...definition, ...change } };
    const judgement = judgeTrigger(judged, push);
    expect(judgement).toMatchObject({ isMatch: false });
    expect('why' in judgement ? judgement.why : '').toContain(why);
  });

  test.each([
    ['without a condition', { when: null }],
    ['with a true one', { when: 'body.size > 1' }],
    ['by the beginning of the type', { events: ['pu*'] }],
  ])('matches %s', (_, change) => {
    const judged = { isActive: true, definition: { ...definition, ...change } };
    expect(judgeTrigger(judged, push)).toEqual({ isMatch: true });
  });

  test.each([
    ['whose file is gone', { isActive: false, definition }],
    ['whose file was never good', { isActive: true, definition: undefined }],
  ])('a trigger %s is inactive', (_, judged) => {
    expect(judgeTrigger(judged, push)).toEqual({ isMatch: false, why: 'inactive' });
  });

  test('an event that no condition is asked about is not parsed', () => {
    const event = {
      ...push,
      scope: () => {
        throw new Error('was parsed');
      },
    };
    expect(judgeTrigger({ isActive: true, definition }, event)).toEqual({ isMatch: true });
  });
});
