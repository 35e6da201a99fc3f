import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { request } from 'undici';
import { z } from 'zod';
import { readSample } from '../runtime/samples.ts';
import { signedRequest } from '../runtime/senders/index.ts';
import { sendSigned } from '../runtime/senders/send.ts';
import type { SenderSettings } from '../runtime/senders/sender.ts';

/** The whole story takes about a second; a cold worker a few more. */
const storyMs = 20_000;

export interface DemoStoryParts {
  readonly url: string;
  readonly apiKey: string;
  readonly github: SenderSettings;
  /** What the demo receiver has got so far. */
  readonly received: readonly {
    readonly type: string;
    readonly isVerified: boolean;
    readonly body: string;
  }[];
}

/** One line per step, for a person who starts the platform for the first time. */
export type StoryLine = (line: string) => void;

/**
 * Send one real, signed GitHub sample through the ingress and follow it to the delivered event.
 *
 * @throws Error saying at which step the story ended
 */
export async function tellDemoStory(parts: DemoStoryParts, say: StoryLine): Promise<void> {
  const sample = await readSample('github', 'pull_request');
  const signed = signedRequest('github', sample, {
    ...parts.github,
    now: new Date(),
    deliveryId: randomUUID(),
  });
  const { status, text } = await sendSigned(`${parts.url}/v1/webhook/github`, signed);
  if (status !== 200) throw new Error(`The ingress answered ${status}: ${text}`);
  const { event_id } = z.object({ event_id: z.string() }).parse(JSON.parse(text));
  say(`sent       a signed GitHub pull_request → 200, event ${event_id}`);

  const run = await waitFor('a trigger run that ends', async () => {
    const { data } = runsSchema.parse(await read(parts, `/v1/trigger-runs?event_id=${event_id}`));
    return data.find(({ state }) => state === 'succeeded' || state === 'failed');
  });
  if (run.state === 'failed') throw new Error(`Trigger ${run.trigger} failed: ${run.reason ?? ''}`);
  say(`trigger    ${run.trigger} ran as workflow ${run.workflow_id}: ${run.state}`);

  const got = await waitFor('review.completed at the demo receiver', async () =>
    parts.received.find(({ type }) => type === 'review.completed'),
  );
  const { data } = z.object({ data: z.unknown() }).parse(JSON.parse(got.body));
  const verified = got.isVerified ? 'both signatures verified' : 'SIGNATURE NOT VERIFIED';
  say(`delivered  ${got.type} to the demo receiver, ${verified}: ${JSON.stringify(data)}`);
}

const runsSchema = z.object({
  data: z.array(
    z.object({
      trigger: z.string(),
      state: z.string(),
      reason: z.string().nullable(),
      workflow_id: z.string(),
    }),
  ),
});

async function read({ url, apiKey }: DemoStoryParts, path: string): Promise<unknown> {
  const headers = { authorization: `Bearer ${apiKey}` };
  const answer = await request(`${url}${path}`, { headers });
  const text = await answer.body.text();
  if (answer.statusCode !== 200)
    throw new Error(`GET ${path} answered ${answer.statusCode}: ${text}`);
  return JSON.parse(text);
}

async function waitFor<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  const giveUpAt = performance.now() + storyMs;
  while (performance.now() < giveUpAt) {
    const found = await look();
    if (found !== undefined) return found;
    await sleep(50);
  }
  throw new Error(`Waited ${storyMs / 1000} s in vain for ${what}`);
}
