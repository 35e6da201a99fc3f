import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { payloadOf } from '../body.ts';
import { hookName } from '../hook-name.ts';
import type { Sample } from '../samples.ts';
import { signStandard } from '../signature.ts';
import { asHeader } from './header-text.ts';
import { secretOf, typeOf } from './sender.ts';
import type { Sender, SenderSettings, Stamp } from './sender.ts';

/** GitLab: the delivery id is `Idempotency-Key`, and `webhook-id` where it signs. */
export const gitlab: Sender = (sample, settings, stamp) => ({
  method: 'POST',
  query: '',
  headers: {
    'User-Agent': 'GitLab/19.2.1',
    'Content-Type': sample.contentType,
    'X-Gitlab-Instance': 'https://gitlab.example.test',
    'X-Gitlab-Event': eventOf(sample),
    'X-Gitlab-Webhook-UUID': randomUUID(),
    'X-Gitlab-Event-UUID': randomUUID(),
    'Idempotency-Key': stamp.deliveryId,
    ...credentialOf(sample, settings, stamp),
  },
  body: sample.body,
});

/** What a job's event is called in the body, and in the header. */
const jobKind = 'build';

function eventOf(sample: Sample): string {
  const { data } = z
    .object({ object_kind: z.string() })
    .safeParse(payloadOf({ ...sample, source: 'gitlab' }));
  const kind = data?.object_kind ?? typeOf(sample);
  return hookName(kind === jobKind ? 'job' : kind);
}

function credentialOf(
  { body }: Sample,
  settings: SenderSettings,
  { now, deliveryId: id }: Stamp,
): Record<string, string> {
  if (settings.mode === 'platform') return {};
  if (settings.scheme !== 'signing_token') {
    return { 'X-Gitlab-Token': asHeader(secretOf(settings, 'secret_token')) };
  }
  const timestamp = String(Math.floor(now.getTime() / 1000));
  const signature = signStandard(secretOf(settings, 'signing_token'), { id, timestamp, body });
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature };
}
