import { describe, expect, test } from 'vitest';
import type { ActiveTrigger, TriggerScope } from '../../src/domain/trigger.ts';
import { makeTriggerIndex } from '../../src/runtime/trigger-index.ts';
import { definitionWith } from '../support/definition.ts';
import { scopeWith } from '../support/scope.ts';

const push = { tenantId: 'ten_1', source: 'github', type: 'push', depth: 0, triggerId: null };

const trigger: ActiveTrigger = {
  id: 'trg_a',
  tenantId: 'ten_1',
  revision: 2,
  definition: definitionWith({ when: 'body.ok' }),
};

describe('the cost of a trigger', () => {
  /** An index of one trigger, of which each evaluation takes what is said next. */
  function costing(tookMs: readonly number[]): { fires: boolean[]; quarantines: string[] } {
    const times = tookMs.flatMap((took) => (took > 50 ? [0, took, 0, took] : [0, took]));
    const quarantines: string[] = [];
    const index = makeTriggerIndex([trigger], {
      nowMs: () => times.shift() ?? 0,
      onQuarantine: ({ id, revision }, why) => quarantines.push(`${id} ${revision} ${why}`),
    });
    const scope = (): TriggerScope => scopeWith({ ok: true });
    const fires = [...tookMs, 0].map(() => index.match(push, scope).length === 1);
    return { fires, quarantines };
  }

  test.each([
    ['three in a row of 51 ms', [51, 51, 51], '51 ms'],
    ['one of 1,001 ms', [1001], '1001 ms'],
  ])('%s hold it: that event still has its run, the next has none', (_, took, told) => {
    const { fires, quarantines } = costing(took);
    expect(fires).toEqual([...took.map(() => true), false]);
    expect(quarantines).toEqual([`trg_a 2 its condition took ${told}, 50 ms is the limit`]);
  });

  test.each([
    ['a fast one in between', [51, 51, 50, 51, 51]],
    ['nothing over 50 ms', [50, 50, 50, 50]],
  ])('%s lets it go on', (_, took) => {
    const { fires, quarantines } = costing(took);
    expect(fires).not.toContain(false);
    expect(quarantines).toEqual([]);
  });

  test('a pause of the process is not counted: the evaluation is quick when it is repeated', () => {
    const times = [0, 2000, 0, 1];
    const quarantines: string[] = [];
    const index = makeTriggerIndex([trigger], {
      nowMs: () => times.shift() ?? 0,
      onQuarantine: (_, why) => quarantines.push(why),
    });
    expect(index.match(push, () => scopeWith({ ok: true }))).toHaveLength(1);
    expect(quarantines).toEqual([]);
  });

  test('what an event costs to read is not counted', () => {
    let atMs = 0;
    const quarantines: string[] = [];
    const index = makeTriggerIndex([trigger], {
      nowMs: () => atMs,
      onQuarantine: (_, why) => quarantines.push(why),
    });
    const [run] = index.match(push, () => {
      atMs += 5000;
      return scopeWith({ ok: true });
    });
    expect(run).toBeDefined();
    expect(quarantines).toEqual([]);
  });

  test('strikes outlive a reload of the same revision, not a new one', () => {
    const quarantines: string[] = [];
    const options = {
      nowMs: (
        (ms = 0) =>
        () =>
          (ms += 60)
      )(),
      onQuarantine: (_: ActiveTrigger, why: string) => quarantines.push(why),
    };
    const scope = (): TriggerScope => scopeWith({ ok: true });
    let index = makeTriggerIndex([trigger], options);
    index.match(push, scope);
    index.match(push, scope);
    const changed = makeTriggerIndex([{ ...trigger, revision: 3 }], { ...options, earlier: index });
    changed.match(push, scope);
    expect(quarantines).toHaveLength(0);
    index = makeTriggerIndex([trigger], { ...options, earlier: index });
    index.match(push, scope);
    expect(quarantines).toHaveLength(1);
    expect(index.match(push, scope)).toEqual([]);
    const released = makeTriggerIndex([trigger], { ...options, earlier: index });
    expect(released.match(push, scope)).toHaveLength(1);
  });
});
