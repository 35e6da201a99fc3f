import { afterAll, beforeAll, expect, test } from 'vitest';
import { failedTestsOf, runSample } from '../support/automation.ts';
import { openWorld } from '../support/world.ts';
import type { World } from '../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

test.each(['import-issues', 'review-pull-request'])('the tests of %s pass', async (name) => {
  expect(await failedTestsOf(`triggers/${name}.yaml`)).toEqual([]);
});

test('an issue runs importIssues', async () => {
  const run = await runSample(world, 'import-issues', { channel: 'github', sample: 'issues' });
  expect(run).toMatchObject({ state: 'succeeded', reason: null });
  expect(await world.db('issues').select('number', 'state')).toEqual([
    { number: 77, state: 'open' },
  ]);
});
