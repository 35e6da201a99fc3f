import { channelTitle } from '../../parts/channels.ts';
import type { ChannelName } from '../../parts/channels.ts';
import type { Answers } from '../../../src/client/index.ts';

export type Integration = Answers['Integration'];
export type IntegrationSecret = Answers['IntegrationSecret'];

/** Who sends, in a sentence: "Paste it at …". */
export function senderOf({ channel, mode }: Pick<Integration, 'channel' | 'mode'>): string {
  if (channel === 'generic') return 'your sender';
  return mode === 'platform' ? 'the relay in front' : channelTitle(channel);
}

/** How requests are verified, by scheme or, without one, by mode. */
const schemeTitles: ReadonlyMap<string, string> = new Map([
  ['native', 'the provider’s own signature'],
  ['platform', 'the platform’s scheme (X-Webhook-Signature)'],
  ['secret_token', 'the secret token'],
  ['signing_token', 'the signing token'],
  ['url_token', 'the token in the URL'],
  ['basic', 'user and password'],
  ['password', 'WebHook 密码 (password)'],
  ['signature', '签名密钥 (signing key)'],
]);

/** As "the signing token". */
export function schemeTitle({ mode, scheme }: Pick<Integration, 'mode' | 'scheme'>): string {
  const name = scheme ?? mode;
  return schemeTitles.get(name) ?? name;
}

/** A kind of secret: what the provider's screen calls it, and where it comes from. */
interface SecretWords {
  readonly title: string;
  readonly origin: string;
  /** The provider makes it: nothing can be pasted there. */
  readonly isMadeThere?: boolean;
}

const madeHere = 'Leave it empty: one is made, and you paste it at the provider';

const inFile = 'Leave it empty: one is made, and you write it into webhooks.config';

/** By `channel.kind`; what all channels have by its kind. */
const secretWords: ReadonlyMap<string, SecretWords> = new Map([
  ['github.secret', { title: 'Secret', origin: madeHere }],
  ['gitlab.secret_token', { title: 'Secret token', origin: madeHere }],
  [
    'gitlab.signing_token',
    { title: 'Signing token', origin: `${madeHere}. Or paste the one that GitLab shows: whsec_…` },
  ],
  ['gitee.password', { title: 'WebHook 密码 (password)', origin: madeHere }],
  ['gitee.sign_key', { title: '签名密钥 (signing key)', origin: madeHere }],
  ['gerrit.token', { title: 'Token in the url', origin: inFile }],
  ['gerrit.password', { title: 'Password', origin: inFile }],
  ['lark.encrypt_key', { title: 'Encrypt Key', origin: madeHere }],
  [
    'lark.verification_token',
    {
      title: 'Verification Token',
      origin: 'The console made it: copy it from there',
      isMadeThere: true,
    },
  ],
  ['wecom.token', { title: 'Token', origin: madeHere }],
  ['wecom.aes_key', { title: 'EncodingAESKey', origin: `${madeHere}. It has 43 characters` }],
  [
    'platform',
    {
      title: 'Secret of the platform’s scheme',
      origin: 'Leave it empty: one is made, and you give it to who signs',
    },
  ],
]);

export function secretWordsOf(channel: ChannelName, kind: string): SecretWords {
  const found = secretWords.get(`${channel}.${kind}`) ?? secretWords.get(kind);
  return found ?? { title: kind, origin: madeHere };
}

/** Whether a secret still verifies. */
export function isValid({ state }: IntegrationSecret): boolean {
  return state === 'active' || state === 'expiring';
}

/** The latest use of any of its secrets; null when no request was verified yet. */
export function lastUseOf({ secrets }: Integration): string | null {
  const uses = secrets.flatMap(({ last_used_at: at }) => (at === null ? [] : [at]));
  return uses.toSorted().at(-1) ?? null;
}

/** What a person calls it: its description, or the channel. */
export function nameOf({ channel, description }: Integration): string {
  const text = description?.trim() ?? '';
  return text === '' ? channelTitle(channel) : text;
}
