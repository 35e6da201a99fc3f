import { describe, expect, test } from 'vitest';
import { idPattern, instantOf } from '../../src/domain/id.ts';
import { makeId } from '../../src/runtime/ids.ts';

describe('instantOf()', () => {
  test('is the time at which the id was made', () => {
    const before = Date.now();
    const instant = instantOf(makeId('evt'))?.getTime();
    expect(instant).toBeGreaterThanOrEqual(before - 1000);
    expect(instant).toBeLessThanOrEqual(Date.now() + 1000);
  });

  test.each([
    ['evt_019abc00000070008000000000000001', 'evt_019abc0000007000800000000000000'],
    ['dlv_019abc00000070008000000000000001', 'DLV_019abc00000070008000000000000001'],
    ['run_019abc00000070008000000000000001', 'run-019abc00000070008000000000000001'],
    ['ep_019abc00000070008000000000000001', 'ep_019abc0000007000800000000000000g'],
  ])('reads %s and not %s', (good, bad) => {
    expect(instantOf(good)).toEqual(new Date(0x019abc000000));
    expect(instantOf(bad)).toBeUndefined();
  });
});

describe('idPattern', () => {
  test.each([
    ['evt_1', 'evt_1/..'],
    ['a-b', 'a b'],
    ['x'.repeat(100), 'x'.repeat(101)],
    ['a', ''],
    ['a', 'a\n'],
  ])('takes "%s" and not "%s"', (good, bad) => {
    expect(good).toMatch(idPattern);
    expect(bad).not.toMatch(idPattern);
  });
});
