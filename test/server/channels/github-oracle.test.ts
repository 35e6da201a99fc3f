import { sign, verify } from '@octokit/webhooks-methods';
import { expect, test } from 'vitest';
import { github } from '../../../server/channels/github.ts';
import { listSamples, readSample } from '../../../src/runtime/samples.ts';
import { signedRequest } from '../../../src/runtime/senders/index.ts';
import { integrationOf, settingsOf } from '../../support/sender.ts';

const settings = settingsOf('github', "It's a Secret to Everybody");
const clock = { now: new Date(), toleranceS: 300 };

test("GitHub's own library and ours agree in both directions on every sample", async () => {
  for (const name of await listSamples('github')) {
    const sample = await readSample('github', name);
    const { headers, ...ours } = signedRequest('github', sample, { ...settings, ...clock });
    const text = sample.body.toString();
    const { secret = '' } = settings.secrets;
    expect(await verify(secret, text, headers['X-Hub-Signature-256'] ?? '')).toBe(true);
    expect(await verify('another', text, headers['X-Hub-Signature-256'] ?? '')).toBe(false);

    const theirs = { ...headers, 'X-Hub-Signature-256': await sign(secret, text) };
    const request = { ...ours, headers: Object.entries(theirs) };
    const received = github.receive(request, integrationOf('github', settings), clock);
    expect(received.kind).toBe('event');
  }
});
