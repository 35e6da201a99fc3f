import type { Integration, RawRequest } from '../../../src/domain/channel.ts';
import { signStandard } from '../../../src/runtime/signature.ts';
import { bareIntegration } from '../../support/integration.ts';

export const now = new Date('2026-06-01T12:00:00.500Z');
export const seconds = '1780315200';
export const clock = { now, toleranceS: 300 };
export const body = Buffer.from('{"object_kind":"merge_request"}');
export const [newKey, oldKey, goneKey, otherKey] = [1, 2, 3, 4].map(
  (byte) => `whsec_${Buffer.alloc(32, byte).toString('base64')}`,
) as [string, string, string, string];

export const tokenScheme: Integration = {
  ...bareIntegration,
  channel: 'gitlab',
  mode: 'native',
  scheme: 'secret_token',
  secrets: [
    { id: 'sec_1', kind: 'secret_token', value: 'new', expiresAt: null },
    { id: 'sec_2', kind: 'secret_token', value: 'old', expiresAt: new Date(now.getTime() + 1) },
    { id: 'sec_3', kind: 'secret_token', value: 'gone', expiresAt: now },
    { id: 'sec_4', kind: 'signing_token', value: newKey, expiresAt: null },
    { id: 'sec_5', kind: 'signing_token', value: oldKey, expiresAt: new Date(now.getTime() + 1) },
    { id: 'sec_6', kind: 'signing_token', value: goneKey, expiresAt: now },
    { id: 'sec_7', kind: 'platform', value: 'p', expiresAt: null },
  ],
};
export const signScheme = { ...tokenScheme, scheme: 'signing_token' };
export const relayed = { ...tokenScheme, mode: 'platform', scheme: null } as const;

export type Headers = Record<string, string>;

export function request(changed: Headers, content: Buffer = body): RawRequest {
  const headers: Headers = {
    'Content-Type': 'application/json',
    'X-Gitlab-Event': 'Merge Request Hook',
    'Idempotency-Key': 'd-1',
    ...changed,
  };
  return { method: 'POST', query: '', headers: Object.entries(headers), body: content };
}

export const withToken = (changed: Headers = {}, content: Buffer = body) =>
  request({ 'X-Gitlab-Token': 'new', ...changed }, content);

interface Signing {
  readonly key?: string;
  readonly id?: string;
  readonly timestamp?: string;
}

export function signed(signing: Signing = {}, changed: Headers = {}): RawRequest {
  const { key = newKey, id = 'd-1', timestamp = seconds } = signing;
  return request({
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signStandard(key, { id, timestamp, body }),
    ...changed,
  });
}
