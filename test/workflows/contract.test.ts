import { expect, expectTypeOf, test } from 'vitest';
import { automationNames } from '../../src/domain/automation-names.ts';
import type { Workflows } from '../../src/domain/workflows.ts';
import * as workflows from '../../workflows/index.ts';

// Held by `tsc`: a wrong name or input does not compile.
test('workflows/index.ts exports what the contract promises', () => {
  expectTypeOf<Pick<typeof workflows, keyof Workflows>>().toEqualTypeOf<Workflows>();
});

test('workflows/index.ts exports the contract and the automations, and nothing else', () => {
  const contract: Record<keyof Workflows, true> = {
    delivery: true,
    importItems: true,
    maintenance: true,
    replay: true,
    session: true,
    triggerRun: true,
  };
  expect(Object.keys(workflows).toSorted()).toEqual(
    [...Object.keys(contract), ...automationNames].toSorted(),
  );
});
