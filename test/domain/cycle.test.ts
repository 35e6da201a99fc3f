import { describe, expect, test } from 'vitest';
import { workflowIdOf } from '../../src/domain/cycle.ts';

describe('workflowIdOf()', () => {
  test.each([
    [1, 'dlv_1'],
    [2, 'dlv_1-c2'],
    [10, 'dlv_1-c10'],
  ])('cycle %d runs as %s', (cycle, id) => {
    expect(workflowIdOf('dlv_1', cycle)).toBe(id);
  });
});
