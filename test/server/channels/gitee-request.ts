import type { Integration, RawRequest } from '../../../src/domain/channel.ts';
import { hmacSha256 } from '../../../src/runtime/signature.ts';
import { bareIntegration } from '../../support/integration.ts';

export const now = new Date('2026-06-01T12:00:00.500Z');
export const clock = { now, toleranceS: 300 };
export const body = Buffer.from('{"hook_name":"push_hooks","password":"secret","ref":"main"}');
export const redacted = Buffer.from('{"hook_name":"push_hooks","password":"***","ref":"main"}');
export const form = { 'Content-Type': 'application/x-www-form-urlencoded' };

export const passwordScheme: Integration = {
  ...bareIntegration,
  channel: 'gitee',
  mode: 'native',
  scheme: 'password',
  secrets: [
    { id: 'sec_1', kind: 'password', value: 'new', expiresAt: null },
    { id: 'sec_2', kind: 'password', value: 'old', expiresAt: new Date(now.getTime() + 1) },
    { id: 'sec_3', kind: 'password', value: 'gone', expiresAt: now },
    { id: 'sec_4', kind: 'sign_key', value: 'SECnew', expiresAt: null },
    { id: 'sec_5', kind: 'sign_key', value: 'SECold', expiresAt: new Date(now.getTime() + 1) },
    { id: 'sec_6', kind: 'sign_key', value: 'SECgone', expiresAt: now },
    { id: 'sec_7', kind: 'platform', value: 'p', expiresAt: null },
  ],
};
export const signScheme = { ...passwordScheme, scheme: 'signature' };
export const relayed = { ...passwordScheme, mode: 'platform', scheme: null } as const;

export type Headers = Record<string, string>;

export function request(changed: Headers, content: Buffer = body): RawRequest {
  const headers: Headers = {
    'Content-Type': 'application/json',
    'X-Gitee-Event': 'Push Hook',
    'X-Gitee-Timestamp': String(now.getTime()),
    'X-Gitee-Token': 'new',
    ...changed,
  };
  return { method: 'POST', query: '', headers: Object.entries(headers), body: content };
}

export const sign = (key: string, timestamp: string) =>
  hmacSha256(key, `${timestamp}\n${key}`).toString('base64');

export function signed(changed: Headers = {}, key = 'SECnew'): RawRequest {
  const timestamp = changed['X-Gitee-Timestamp'] ?? String(now.getTime());
  return request({ 'X-Gitee-Token': sign(key, timestamp), ...changed });
}
