import { afterEach, expect, test, vi } from 'vitest';
import { makeJudgingBudget } from '../../server/routes/judging-budget.ts';

afterEach(() => vi.restoreAllMocks());

test('there is time for 250 ms, and for the first ten on the slowest machine', () => {
  let now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  const hasTime = makeJudgingBudget();
  now = 251;
  expect(Array.from({ length: 12 }, hasTime)).toEqual([
    ...Array<boolean>(10).fill(true),
    false,
    false,
  ]);
  now = 250;
  expect(hasTime()).toBe(true);
});
