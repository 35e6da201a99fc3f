import { hookName } from '../hook-name.ts';
import { hmacSha256 } from '../signature.ts';
import { asHeader } from './header-text.ts';
import { secretOf, typeOf } from './sender.ts';
import type { Sender, SenderSettings } from './sender.ts';

/** Gitee: no delivery id; `X-Gitee-Token` is the password or a signature of the time. */
export const gitee: Sender = (sample, settings, { now }) => {
  const timestamp = String(now.getTime());
  return {
    method: 'POST',
    query: '',
    headers: {
      'User-Agent': 'git-oschina-hook',
      'Content-Type': sample.contentType,
      'X-Gitee-Event': hookName(typeOf(sample)),
      'X-Gitee-Timestamp': timestamp,
      ...(settings.mode !== 'platform' && { 'X-Gitee-Token': tokenOf(settings, timestamp) }),
    },
    body: sample.body,
  };
};

function tokenOf(settings: SenderSettings, timestamp: string): string {
  if (settings.scheme !== 'signature') return asHeader(secretOf(settings, 'password'));
  const key = secretOf(settings, 'sign_key');
  return hmacSha256(key, `${timestamp}\n${key}`).toString('base64');
}
