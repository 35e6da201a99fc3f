import { describe, expect, test } from 'vitest';
import { cycleOfWorkflow, workflowIdOf } from '../../src/domain/cycle.ts';

describe('workflowIdOf()', () => {
  test.each([
    [1, 'dlv_1'],
    [2, 'dlv_1-c2'],
    [10, 'dlv_1-c10'],
  ])('cycle %d runs as %s', (cycle, id) => {
    expect(workflowIdOf('dlv_1', cycle)).toBe(id);
  });
});

describe('cycleOfWorkflow()', () => {
  test.each([
    ['dlv_1', { id: 'dlv_1', cycle: 1 }],
    ['dlv_1-c2', { id: 'dlv_1', cycle: 2 }],
    ['run_0a-c10', { id: 'run_0a', cycle: 10 }],
    ['dlv_1-c1', undefined],
    ['dlv_1-c02', undefined],
    ['run_1-do', undefined],
    ['maintenance-2026-01-31T12:00:00Z', undefined],
  ])('%s names %o', (workflowId, named) => {
    expect(cycleOfWorkflow(workflowId)).toEqual(named);
  });
});
