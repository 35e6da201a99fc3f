import { randomUUID } from 'node:crypto';
import type { ChannelName } from '../../domain/channel.ts';
import type { Sample } from '../samples.ts';
import { signPlatform } from '../signature.ts';
import { generic } from './generic.ts';
import { gerrit } from './gerrit.ts';
import { gitee } from './gitee.ts';
import { github } from './github.ts';
import { gitlab } from './gitlab.ts';
import { lark } from './lark.ts';
import { secretOf } from './sender.ts';
import type { Sender, SenderSettings, SignedRequest, Stamp } from './sender.ts';
import { wecom } from './wecom.ts';

/** One line per channel. */
const senders: ReadonlyMap<string, Sender> = new Map<ChannelName, Sender>([
  ['lark', lark],
  ['wecom', wecom],
  ['gerrit', gerrit],
  ['gitlab', gitlab],
  ['github', github],
  ['gitee', gitee],
  ['generic', generic],
]);

/**
 * Sign a sample as its provider does, or as a relay of ours in front of it (mode `platform`).
 *
 * @param stamp - without a delivery id, a fresh one
 * @throws Error naming the channels there are, for another one, or the secret that is missing
 */
export function signedRequest(
  channel: string,
  sample: Sample,
  options: SenderSettings & { readonly now: Date; readonly deliveryId?: string },
): SignedRequest {
  const sender = senders.get(channel);
  if (!sender) {
    const known = [...senders.keys()].join(', ');
    throw new Error(`Cannot sign for channel "${channel}": there are ${known}`);
  }
  const { now, deliveryId = randomUUID() } = options;
  const stamp: Stamp = { now, deliveryId };
  const request = sender(sample, options, stamp);
  return options.mode === 'platform' ? signedByRelay(request, options, stamp) : request;
}

/** What the platform's scheme adds; it is over the time and the body alone. */
function signedByRelay(request: SignedRequest, settings: SenderSettings, { now }: Stamp) {
  const timestamp = String(Math.floor(now.getTime() / 1000));
  const signature = signPlatform(secretOf(settings, 'platform'), timestamp, request.body);
  const headers = { 'X-Webhook-Timestamp': timestamp, 'X-Webhook-Signature': signature };
  return { ...request, headers: { ...request.headers, ...headers } };
}
