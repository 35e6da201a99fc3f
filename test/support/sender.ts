import { schemes } from '../../src/domain/channel.ts';
import type { ChannelName, Integration } from '../../src/domain/channel.ts';
import { readSample } from '../../src/runtime/samples.ts';
import { sendSigned } from '../../src/runtime/senders/send.ts';
import { signedRequest } from '../../src/runtime/senders/index.ts';
import type { SenderSettings } from '../../src/runtime/senders/sender.ts';
import { bareIntegration } from './integration.ts';

/** What a sender needs for the default scheme of a channel; each kind of secret has the same value. */
export function settingsOf(channel: ChannelName, secret: string): SenderSettings {
  const [{ mode, scheme, kinds }] = schemes[channel];
  const secrets = Object.fromEntries(kinds.map((kind) => [kind, secret]));
  return { mode, scheme, secrets, username: null, receiveId: null };
}

/** The integration that these settings sign for. */
export function integrationOf(channel: ChannelName, settings: SenderSettings): Integration {
  const { mode, scheme, username, receiveId } = settings;
  return {
    ...bareIntegration,
    channel,
    mode,
    scheme,
    username,
    receiveId,
    secrets: Object.entries(settings.secrets).map(([kind, value]) => ({
      id: `sec_${kind}`,
      kind,
      value,
      expiresAt: null,
    })),
  };
}

/** Send a sample, signed as its provider does. */
export async function sendSample(
  url: string,
  { channel, sample, deliveryId }: { channel: ChannelName; sample: string; deliveryId?: string },
  settings: SenderSettings,
): Promise<{ status: number; text: string }> {
  const stamp = { now: new Date(), ...(deliveryId !== undefined && { deliveryId }) };
  const read = await readSample(channel, sample);
  return sendSigned(url, signedRequest(channel, read, { ...settings, ...stamp }));
}
