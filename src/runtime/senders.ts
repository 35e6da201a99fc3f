import { randomUUID } from 'node:crypto';
import type { Sample } from './samples.ts';
import { hmacSha256, signPlatform } from './signature.ts';

/** What a sender signs with and stamps on its request. */
export interface SendOptions {
  readonly secret: string;
  readonly now: Date;
  /** A fresh one when absent; the same one again is a redelivery. */
  readonly deliveryId?: string;
}

/** A request as the provider would send it. */
export interface SignedRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/**
 * Sign a sample as its provider does.
 *
 * @throws Error naming the channels there are, for another one
 */
export function signedRequest(
  channel: string,
  sample: Sample,
  options: SendOptions,
): SignedRequest {
  const sender = senders.get(channel);
  const { deliveryId = randomUUID() } = options;
  if (sender) return { headers: sender(sample, { ...options, deliveryId }), body: sample.body };
  const known = [...senders.keys()].join(', ');
  throw new Error(`Cannot sign for channel "${channel}": there are ${known}`);
}

type Sender = (sample: Sample, options: Required<SendOptions>) => Record<string, string>;

/** One line per channel. */
const senders: ReadonlyMap<string, Sender> = new Map([
  ['generic', generic],
  ['github', github],
]);

/** The type is the sample's name up to the first dot: `pull_request.draft` is a `pull_request`. */
function github(
  { name, contentType, body }: Sample,
  options: Required<SendOptions>,
): Record<string, string> {
  const [type = name] = name.split('.');
  return {
    'User-Agent': 'GitHub-Hookshot/2f4c1aa',
    'Content-Type': contentType,
    'X-GitHub-Event': type,
    'X-GitHub-Delivery': options.deliveryId,
    'X-Hub-Signature-256': `sha256=${hmacSha256(options.secret, body).toString('hex')}`,
  };
}

function generic(
  { name, contentType, body }: Sample,
  { secret, now, deliveryId }: Required<SendOptions>,
): Record<string, string> {
  const timestamp = String(Math.floor(now.getTime() / 1000));
  return {
    'Content-Type': contentType,
    'X-Webhook-Event': name,
    'X-Webhook-Id': deliveryId,
    'X-Webhook-Timestamp': timestamp,
    'X-Webhook-Signature': signPlatform(secret, timestamp, body),
  };
}
