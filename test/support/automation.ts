import { vi } from 'vitest';
import { readSampleEvent } from '../../server/sample-event.ts';
import type { ChannelName } from '../../src/domain/channel.ts';
import { runTriggerTests } from '../../src/runtime/trigger-tests.ts';
import type { TriggerTestResult } from '../../src/runtime/trigger-tests.ts';
import { readTriggerFiles } from '../../src/trigger-files.ts';
import { sendSample } from './sender.ts';
import type { World } from './world.ts';

/** What a trigger made of a sample. */
export interface EndedRun {
  readonly event_id: string;
  readonly state: string;
  readonly reason: string | null;
}

/**
 * The tests of a trigger file that fail, with what was seen instead.
 *
 * @throws Error when something is wrong with the file
 */
export async function failedTestsOf(file: string): Promise<TriggerTestResult[]> {
  const results = [];
  for (const { checked } of await readTriggerFiles([file])) {
    if ('problems' in checked) throw new Error(JSON.stringify(checked.problems));
    results.push(...(await runTriggerTests(checked.definition, checked.tests, readSampleEvent)));
  }
  return results.filter(({ passed }) => !passed);
}

const endStates: readonly unknown[] = ['succeeded', 'failed', 'skipped', 'cancelled'];

/** Send a sample as its provider does, and wait until the run of a trigger has ended. */
export async function runSample(
  world: World,
  trigger: string,
  sent: { channel: ChannelName; sample: string },
): Promise<EndedRun> {
  const integration = world.tenant.integrations[sent.channel];
  const url = `${world.url}/v1/webhook/${sent.channel}/${integration.id}`;
  const { text } = await sendSample(url, sent, integration);
  const { event_id: eventId } = JSON.parse(text) as { event_id: string };
  return vi.waitUntil(
    async () => {
      const { body } = await world.call('GET', `/v1/trigger-runs?event_id=${eventId}`);
      const runs = body['data'] as (EndedRun & { readonly trigger: string })[];
      return runs.find((run) => run.trigger === trigger && endStates.includes(run.state));
    },
    { timeout: 90_000, interval: 100 },
  );
}
