import { describe, expect, test } from 'vitest';
import {
  attemptsMax,
  deliverySchedule,
  deliveryTimeoutMs,
  waitAfterMs,
} from '../../src/domain/retry.ts';

describe('deliverySchedule', () => {
  test('is at once, 30 s, 2 min, 10 min and 1 h, with two seconds to answer', () => {
    expect(deliverySchedule).toEqual([0, 30_000, 120_000, 600_000, 3_600_000]);
    expect(attemptsMax).toBe(5);
    expect(deliveryTimeoutMs).toBe(2000);
  });
});

describe('waitAfterMs()', () => {
  test.each([
    [1, 30_000],
    [2, 120_000],
    [3, 600_000],
    [4, 3_600_000],
    [5, undefined],
  ])('after attempt %d is %s', (attempt, wait) => {
    expect(waitAfterMs(deliverySchedule, attempt)).toBe(wait);
  });

  test.each<[string, number, number, number | undefined]>([
    ['lengthens a wait', 1, 45_000, 45_000],
    ['never shortens it', 1, 1000, 30_000],
    ['asks for an hour at most', 1, 7_200_000, 3_600_000],
    ['makes no sixth attempt', 5, 1000, undefined],
  ])('what the consumer asks for %s', (_, ...[attempt, retryAfterMs, wait]) => {
    expect(waitAfterMs(deliverySchedule, attempt, retryAfterMs)).toBe(wait);
  });

  test('a schedule of one wait has one attempt', () => {
    expect(waitAfterMs([0], 1)).toBeUndefined();
  });
});
