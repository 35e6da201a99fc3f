import { randomBytes } from 'node:crypto';
import type { ChannelName } from '../domain/channel.ts';

/** Letters and digits: what every provider's form takes. 32 of them hold 190 bits. */
function randomText(length: number): string {
  let text = '';
  while (text.length < length) {
    text += randomBytes(length)
      .toString('base64')
      .replaceAll(/[^A-Za-z0-9]/g, '');
  }
  return text.slice(0, length);
}

/** A new secret in the form that the provider of its kind takes. */
export function makeIntegrationSecret(kind: string): string {
  if (kind === 'signing_token') return `whsec_${randomBytes(32).toString('base64')}`;
  return randomText(kind === 'aes_key' ? 43 : 32);
}

/** Providers' forms take far less; a header of more than some kilobytes would not arrive. */
const lengthMax = 1024;

/** Shorter ones can be guessed: 8 small letters and digits hold 41 bits. */
const lengthMin = 8;

/** WeCom lets people choose a Token of 3 to 32 characters. */
const wecomTokenLengthMin = 3;

/** Control characters do not survive a form or a header; a lone surrogate has no UTF-8 bytes. */
const unusable = /[\p{Cc}\p{Cs}]/u;

/** Why a value can't be a secret of its kind: one sentence, without the value; or `undefined`. */
export function refuseIntegrationSecret(
  channel: ChannelName,
  kind: string,
  value: string,
): string | undefined {
  const min = channel === 'wecom' && kind === 'token' ? wecomTokenLengthMin : lengthMin;
  if (value.length < min || value.length > lengthMax) {
    return `Must have ${min} to ${lengthMax} characters`;
  }
  if (unusable.test(value)) return 'Must not contain control characters';
  // Headers and forms lose them: the sender would sign with another secret.
  if (value.trim() !== value) return 'Must not begin or end with a blank';
  return refuseForm(kind, value);
}

/**
 * Whether a text can be an EncodingAESKey: 43 characters of base64. WeCom draws them at random: the
 * last one may carry two bits that no byte takes.
 */
export function isAesKey(text: string): boolean {
  return /^[A-Za-z0-9+/]{43}$/.test(text);
}

/** What the provider of a kind would not take, or never shows. */
function refuseForm(kind: string, value: string): string | undefined {
  if (kind === 'aes_key' && !isAesKey(value)) {
    return 'Must be the EncodingAESKey of the WeCom console: 43 characters of base64';
  }
  if (kind === 'signing_token' && !isSigningToken(value)) {
    return 'Must be the signing token that GitLab shows: "whsec_" and 16 to 64 bytes in base64';
  }
  return undefined;
}

function isSigningToken(value: string): boolean {
  if (!value.startsWith('whsec_')) return false;
  const text = value.slice('whsec_'.length);
  const key = Buffer.from(text, 'base64');
  // Node skips what is not base64: only what comes back the same was nothing else.
  return key.toString('base64') === text && key.length >= 16 && key.length <= 64;
}
