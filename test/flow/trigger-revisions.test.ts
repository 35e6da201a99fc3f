import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { readSample } from '../../src/runtime/samples.ts';
import { signedRequest } from '../../src/runtime/senders/index.ts';
import { sendSigned } from '../../src/runtime/senders/send.ts';
import { openWorld } from '../support/world.ts';
import type { World } from '../support/world.ts';

let world: World;
let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'trigger-revisions-'));
  await write(textOf('filed'));
  world = await openWorld({ hasWorker: false, triggersDir: dir });
});
afterAll(async () => {
  await world.close();
  await rm(dir, { recursive: true });
});

function textOf(name: string, more = ''): string {
  return `trigger: ${name}\non: { source: github, events: [push] }\n${more}do: { emit: custom.done }\n`;
}

async function write(text: string): Promise<void> {
  await writeFile(join(dir, 'filed.yaml'), text);
}

/** What the next push starts: the trigger and its revision. */
async function push(): Promise<string[]> {
  const { id, ...settings } = world.tenant.integrations.github;
  const sample = await readSample('github', 'push');
  const request = signedRequest('github', sample, { ...settings, now: new Date() });
  const { text } = await sendSigned(`${world.url}/v1/webhook/github/${id}`, request);
  const { event_id: eventId } = JSON.parse(text) as { event_id: string };
  const { body } = await world.call('GET', `/v1/trigger-runs?event_id=${eventId}`);
  const runs = body['data'] as { trigger: string; revision: number }[];
  return runs.map(({ trigger, revision }) => `${trigger} ${revision}`).toSorted();
}

async function filed(): Promise<Record<string, unknown>> {
  const { body } = await world.call('GET', '/v1/triggers');
  const rows = body['data'] as Record<string, unknown>[];
  const row = rows.find(({ name }) => name === 'filed');
  if (!row) throw new Error('There is no trigger "filed"');
  return row;
}

async function until(expected: Record<string, unknown>): Promise<void> {
  await vi.waitFor(async () => expect(await filed()).toMatchObject(expected), { timeout: 90_000 });
}

test('a file fires as it is now, broken as it was last good, and no more once it is gone', async () => {
  expect(await push()).toEqual(['filed 1']);
  await write(textOf('filed', 'description: Changed\n'));
  await until({ revision: 2, description: 'Changed' });
  expect(await push()).toEqual(['filed 2']);
  await write(textOf('filed', 'mood: good\n'));
  await until({ revision: 2, problem: expect.stringContaining('mood') as unknown });
  expect(await push()).toEqual(['filed 2']);
  await write(textOf('filed', 'description: Mended\n'));
  await until({ revision: 3, problem: null });
  expect(await push()).toEqual(['filed 3']);
  await rm(join(dir, 'filed.yaml'));
  await until({ is_active: false });
  expect(await push()).toEqual([]);
});

test('what is saved fires from the answer on', async () => {
  const made = await world.call('POST', '/v1/triggers', { text: textOf('saved') });
  expect(made.status).toBe(201);
  expect(await push()).toEqual(['saved 1']);
  const path = made.headers.get('Location') ?? '';
  await world.call('PUT', path, { text: textOf('saved', 'description: Changed\n') });
  expect(await push()).toEqual(['saved 2']);
  await world.call('POST', `${path}/disable`);
  expect(await push()).toEqual([]);
  await world.call('POST', `${path}/enable`);
  expect(await push()).toEqual(['saved 2']);
});
