import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { lark } from '../../../server/channels/lark.ts';
import type { Integration, RawRequest } from '../../../src/domain/channel.ts';
import { bareIntegration } from '../../support/integration.ts';

export const now = new Date('2026-06-01T12:00:00Z');
export const nowS = now.getTime() / 1000;
const clock = { now, toleranceS: 300 };
const soon = new Date(now.getTime() + 1);

export const key = { id: 'sec_k1', kind: 'encrypt_key', value: 'key-new', expiresAt: null };
const oldKey = { id: 'sec_k2', kind: 'encrypt_key', value: 'key-old', expiresAt: soon };
export const goneKey = { id: 'sec_k3', kind: 'encrypt_key', value: 'key-gone', expiresAt: now };
export const token = {
  id: 'sec_t1',
  kind: 'verification_token',
  value: 'tok-new',
  expiresAt: null,
};
const oldToken = {
  id: 'sec_t2',
  kind: 'verification_token',
  value: 'tok-old',
  expiresAt: soon,
};
export const goneToken = {
  id: 'sec_t3',
  kind: 'verification_token',
  value: 'tok-gone',
  expiresAt: now,
};

export function integrationWith(...secrets: Integration['secrets']): Integration {
  return {
    ...bareIntegration,
    channel: 'lark',
    mode: 'native',
    secrets,
  };
}

export const both = integrationWith(key, oldKey, goneKey, token, oldToken, goneToken);
export const tokens = integrationWith(token, oldToken, goneToken);
export const keyOnly = integrationWith(key);

// The oracle: Feishu docs, "Encrypt Key 加密策略", in plain node:crypto.
export const sha256 = (...parts: (string | Buffer)[]) =>
  parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();

export function encrypt(plain: string | Buffer, encryptKey = 'key-new', isPadded = true): string {
  const iv = randomBytes(16);
  const cipher = createCipheriv('aes-256-cbc', sha256(encryptKey), iv).setAutoPadding(isPadded);
  return Buffer.concat([iv, cipher.update(plain), cipher.final()]).toString('base64');
}

export function decrypt(base64: string, encryptKey: string): string {
  const bytes = Buffer.from(base64, 'base64');
  const iv = bytes.subarray(0, 16);
  const decipher = createDecipheriv('aes-256-cbc', sha256(encryptKey), iv);
  return decipher.update(bytes.subarray(16), undefined, 'utf8') + decipher.final('utf8');
}

export type Headers = Record<string, string>;

export function plain(body: string | Buffer, changed: Headers = {}): RawRequest {
  const headers = { 'Content-Type': 'application/json;charset=utf-8', ...changed };
  return { method: 'POST', query: '', headers: Object.entries(headers), body: Buffer.from(body) };
}

interface Signing {
  readonly encryptKey?: string;
  readonly timestamp?: string;
  readonly headers?: Headers;
}

export function signed(
  body: string,
  { encryptKey = 'key-new', ...signing }: Signing = {},
): RawRequest {
  const { timestamp = String(nowS), headers = {} } = signing;
  return plain(body, {
    'X-Lark-Request-Timestamp': timestamp,
    'X-Lark-Request-Nonce': '132689759',
    'X-Lark-Signature': sha256(timestamp, '132689759', encryptKey, body).toString('hex'),
    ...headers,
  });
}

export const sealed = (content: string, encryptKey?: string) =>
  JSON.stringify({ encrypt: encrypt(content, encryptKey) });

export const version2 = (changed: object = {}) =>
  JSON.stringify({
    schema: '2.0',
    header: { event_id: 'e-1', event_type: 'im.message.receive_v1', token: 'tok-new', ...changed },
    event: { token: 'c-1' },
  });

export const version1 = (changed: object = {}) =>
  JSON.stringify({
    uuid: 'u-1',
    token: 'tok-new',
    type: 'event_callback',
    event: { type: 'approval_instance' },
    ...changed,
  });

export const challenge = (changed: object = {}) =>
  JSON.stringify({ type: 'url_verification', challenge: 'c-"1"', token: 'tok-new', ...changed });

export const receive = (request: RawRequest, integration: Integration) =>
  lark.receive(request, integration, clock);
