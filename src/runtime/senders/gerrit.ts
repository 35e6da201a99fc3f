import type { Sender, SenderSettings } from './sender.ts';
import { secretOf } from './sender.ts';

/** Gerrit's plugin `webhooks`: no id and no signature; a token in the URL, or a user and a password. */
export const gerrit: Sender = ({ body }, settings) => ({
  method: 'POST',
  query: hasToken(settings) ? `token=${encodeURIComponent(secretOf(settings, 'token'))}` : '',
  headers: {
    'User-Agent': 'Apache-HttpClient/4.5.14 (Java/17.0.11)',
    'Content-Type': 'application/json; charset=utf-8',
    ...(hasPassword(settings) && { Authorization: basicOf(settings) }),
  },
  body,
});

function hasToken({ mode, scheme }: SenderSettings): boolean {
  return mode !== 'platform' && scheme !== 'basic';
}

function hasPassword({ mode, scheme }: SenderSettings): boolean {
  return mode !== 'platform' && scheme === 'basic';
}

/** Sent at once: the request that Gerrit makes before it without a password proves nothing here. */
function basicOf(settings: SenderSettings): string {
  if (settings.username === null) throw new Error('Cannot sign: the username is missing');
  const credentials = `${settings.username}:${secretOf(settings, 'password')}`;
  return `Basic ${Buffer.from(credentials).toString('base64')}`;
}
