import { describe, expect, test } from 'vitest';
import type { TriggerDefinition } from '../../src/domain/trigger.ts';
import { dryRunTrigger } from '../../src/runtime/trigger-dry-run.ts';
import { definitionWith, onEvents } from '../support/definition.ts';
import { scopeWith } from '../support/scope.ts';

const push = scopeWith({ size: 2, sha: 'f' });

describe('dryRunTrigger()', () => {
  test('tells of one that fires what it would do, and by which keys it is held', () => {
    const definition = definitionWith({
      when: 'body.size > 1.0',
      dedupe: { key: 'body.sha', forMs: 1000 },
      action: { kind: 'emit', type: 'custom.a', with: { sha: '${{ body.sha }}' } },
    });
    expect(dryRunTrigger(definition, push)).toMatchObject({
      fires: true,
      why: 'fires',
      decisive: { expression: 'body.size > 1.0', outcome: 'true' },
      guards: { dedupe: 'f', throttle: null },
      action: { kind: 'emit', with: { sha: 'f' } },
      failure: null,
    });
  });

  test.each<[string, Partial<TriggerDefinition>, object]>([
    [
      'another type',
      { on: onEvents('github', ['tag']) },
      { why: 'another type: wants tag', decisive: null, failure: null },
    ],
    [
      'a false condition',
      { when: 'true && body.size > 2.0' },
      {
        why: 'condition is false: true && body.size > 2.0',
        decisive: {
          expression: 'body.size > 2.0',
          offset: 8,
          outcome: 'false',
          values: [{ expression: 'body.size', value: '2' }],
        },
        failure: null,
      },
    ],
    [
      'a condition without a value',
      { when: 'body.none.a' },
      {
        why: 'condition failed: field not found: none (at character 5 of "body.none.a")',
        decisive: { expression: 'body.none.a', outcome: 'failed: field not found: none' },
        failure: 'when: field not found: none (at character 5 of "body.none.a")',
      },
    ],
    [
      'a key without a value',
      { throttle: { key: 'body.none', limit: 1, perMs: 1 } },
      { why: expect.stringMatching(/^failed: throttle\.key: field/) as unknown },
    ],
  ])('does not fire for %s', (_, change, told) => {
    expect(dryRunTrigger(definitionWith(change), push)).toMatchObject({
      fires: false,
      guards: null,
      action: null,
      ...told,
    });
  });

  test('one whose action has no value fires, and says with what it would fail', () => {
    const action = { kind: 'workflow', name: 'x', with: { a: '${{ body.none }}' } } as const;
    expect(dryRunTrigger(definitionWith({ action }), push)).toMatchObject({
      fires: true,
      action: null,
      failure: expect.stringMatching(/^with\.a: .*field not found: none/) as unknown,
    });
  });

  test('what the platform publishes is of the source events', () => {
    const { event, ...rest } = push;
    const own = { ...rest, event: { ...event, source: 'platform', type: 'session.created' } };
    const definition = definitionWith({ on: onEvents('events', ['session.*']) });
    expect(dryRunTrigger(definition, own).fires).toBe(true);
    expect(dryRunTrigger(definition, push).why).toBe('another source: wants events');
  });

  describe('of a join', () => {
    const definition = definitionWith({
      on: [
        { source: 'github', events: ['push'], as: 'a', when: 'body.size > 1.0' },
        { source: 'gitlab', events: ['*'], as: 'b', when: null },
      ],
      join: { by: { a: 'body.sha', b: 'body.commit' }, withinMs: 1000 },
      when: 'b.body.ok',
      action: { kind: 'workflow', name: 'x', with: { both: '${{ a.body.sha + b.body.commit }}' } },
    });
    const ofGitlab = (body: object) => {
      const { event, ...rest } = scopeWith(body);
      return { ...rest, event: { ...event, source: 'gitlab' } };
    };
    const other = (body: object) => ({ ...push, parts: { a: push, b: ofGitlab(body) } });

    test('one part alone waits for the others', () => {
      expect(dryRunTrigger(definition, push)).toMatchObject({
        fires: false,
        why: 'joined: is "a", and waits for b',
        guards: { part: 'a', join: 'f' },
        failure: null,
      });
    });

    test('fires with all of its parts', () => {
      expect(dryRunTrigger(definition, other({ commit: 'f', ok: true }))).toMatchObject({
        fires: true,
        decisive: { expression: 'b.body.ok' },
        action: { with: { both: 'ff' } },
      });
    });

    test.each([
      [{ commit: 'f', ok: false }, 'condition is false: b.body.ok'],
      [{ commit: 'e', ok: true }, 'incomplete: the keys differ: a has "f", b has "e"'],
    ])('does not fire with the other part %o', (body, why) => {
      expect(dryRunTrigger(definition, other(body))).toMatchObject({ fires: false, why });
    });

    test.each([
      [
        'of another source',
        { b: scopeWith({ size: 0, commit: 'f', ok: true }) },
        'b: condition is false: body.size > 1.0',
      ],
      ['that is the other part', { b: push }, 'b: the event is "a"'],
      [
        'of which its own condition is false',
        { a: scopeWith({ size: 1, sha: 'f' }) },
        'a: condition is false: body.size > 1.0',
      ],
    ])('does not fire with an event %s', (_, parts, why) => {
      const { parts: good, ...first } = other({ commit: 'f', ok: true });
      expect(dryRunTrigger(definition, { ...first, parts: { ...good, ...parts } })).toMatchObject({
        fires: false,
        why,
      });
    });
  });
});
