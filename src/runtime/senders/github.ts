import { hmacSha256 } from '../signature.ts';
import { secretOf, typeOf } from './sender.ts';
import type { Sender } from './sender.ts';

/** GitHub: the type is the sample's name up to the first dot. */
export const github: Sender = (sample, settings, { deliveryId }) => {
  const { contentType, body } = sample;
  const headers = {
    'User-Agent': 'GitHub-Hookshot/2f4c1aa',
    'Content-Type': contentType,
    'X-GitHub-Event': typeOf(sample),
    'X-GitHub-Delivery': deliveryId,
  };
  if (settings.mode === 'platform') return { method: 'POST', query: '', headers, body };
  const signature = hmacSha256(secretOf(settings, 'secret'), body).toString('hex');
  return {
    method: 'POST',
    query: '',
    headers: { ...headers, 'X-Hub-Signature-256': `sha256=${signature}` },
    body,
  };
};
