import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openWorld } from '../support/world.ts';
import type { World } from '../support/world.ts';

let dir: string;
let world: World;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'triggers-'));
  await writeFile(
    join(dir, 'loop.yaml'),
    [
      'trigger: loop',
      'on: { source: events, events: [custom.loop] }',
      'do: { emit: custom.loop }',
      'with: { turn: "${{ int(body.data.turn) + 1 }}" }',
    ].join('\n'),
  );
  world = await openWorld({ triggersDir: dir });
});
afterAll(async () => {
  await world.close();
  await rm(dir, { recursive: true });
});

test('a trigger that starts itself ends after eight turns, and says what to change', async () => {
  const published = { type: 'custom.loop', data: { turn: 0 } };
  expect((await world.call('POST', '/v1/events', published)).status).toBe(202);
  const failed = await vi.waitUntil(
    async () => world.db('trigger_runs').where({ state: 'failed' }).first(),
    { timeout: 120_000, interval: 200 },
  );
  expect(failed?.reason).toMatch(/^loop: 9 events .* change "on" or "when"/);
  const events = await world.db('events').where({ type: 'custom.loop' }).orderBy('depth');
  expect(events.map(({ depth }) => depth)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(JSON.parse(events.at(-1)?.body.toString() ?? '')).toMatchObject({ data: { turn: 9 } });
  const runs = await world.db('trigger_runs').whereNot({ state: 'failed' });
  expect(runs).toHaveLength(9);
}, 150_000);
