import { randomUUID } from 'node:crypto';
import { parse } from 'node:path/posix';
import { channelNames, schemes } from '../src/domain/channel.ts';
import type { ChannelName, Integration } from '../src/domain/channel.ts';
import type { EventScope } from '../src/domain/trigger.ts';
import { makeIntegrationSecret } from '../src/runtime/integration-secret.ts';
import { readSample } from '../src/runtime/samples.ts';
import { signedRequest } from '../src/runtime/senders/index.ts';
import { scopeOf } from '../src/runtime/trigger-scope.ts';
import { channels } from './channels/index.ts';
import { makeInboundEvent } from './inbound-event.ts';

/** The samples' extensions, which may be left out; what is behind another dot is a part of the name. */
const extensions: readonly string[] = ['.json', '.xml', '.txt'];

/** Of WeCom: the form of a corp id. */
const receiveId = 'ww0123456789abcdef';

/**
 * What expressions see of a sample: signed, sent and read as its provider's own would be, with
 * secrets made for this once. Needs no platform.
 *
 * @param path - `github/pull_request.draft`, also with the extension of its file
 * @throws Error naming what there is, or why the sample is no event
 */
export async function readSampleEvent(path: string): Promise<EventScope> {
  const { channel, name } = split(path);
  const now = new Date();
  const integration = makeIntegration(channel);
  const signed = signedRequest(channel, await readSample(channel, name), {
    ...integration,
    secrets: Object.fromEntries(integration.secrets.map(({ kind, value }) => [kind, value])),
    now,
    deliveryId: randomUUID(),
  });
  const request = { ...signed, headers: Object.entries(signed.headers) };
  const receiver = channels.get(channel);
  const received = receiver?.receive(request, integration, { now, toleranceS: 300 });
  if (received?.kind !== 'event') throw new Error(`The sample "${path}" becomes no event`);
  const judged = { request, integration, now };
  const event = makeInboundEvent(received, judged, receiver?.secretParameters ?? []);
  const { tenantId, receivedAt, contentType, body } = event;
  return scopeOf(
    {
      ...event,
      body: Buffer.from(body),
      tenant_id: tenantId,
      received_at: receivedAt,
      content_type: contentType,
    },
    { attempt: 1, isReplay: false },
  );
}

function split(path: string): { channel: ChannelName; name: string } {
  const { dir, name, ext } = parse(path);
  const channel = channelNames.find((known) => known === dir);
  if (channel) return { channel, name: extensions.includes(ext) ? name : name + ext };
  throw new Error(
    `"${path}" names no sample: write <channel>/<name>, with one of ${channelNames.join(', ')}`,
  );
}

function makeIntegration(channel: ChannelName): Integration {
  const [{ mode, scheme, kinds, needsReceiveId }] = schemes[channel];
  return {
    id: 'int_sample',
    tenantId: 'ten_sample',
    channel,
    mode,
    scheme,
    username: null,
    receiveId: needsReceiveId === true ? receiveId : null,
    toleranceS: null,
    dedupe: null,
    secrets: kinds.map((kind) => ({
      id: `sec_${kind}`,
      kind,
      value: makeIntegrationSecret(kind),
      expiresAt: null,
    })),
    triggerId: null,
  };
}
