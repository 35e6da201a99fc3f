import type { Row } from '../../api/list.ts';

export type ApiKey = Row<'/v1/api-keys'>;

/** What each scope lets a key do. */
export const scopeWords = {
  read: {
    label: 'Read',
    about: 'See everything: events with their bodies, deliveries, settings, the audit log',
  },
  write: {
    label: 'Write',
    about: 'Change things: publish, redrive, replay, set up channels and endpoints, make keys',
  },
} as const;

export type Scope = keyof typeof scopeWords;

/** All scopes, in the order in which they are offered. */
export const scopes = ['read', 'write'] as const satisfies readonly Scope[];

/** Whether a key opens anything now. */
export function stateOf(
  { revoked_at: revokedAt, expires_at: expiresAt }: ApiKey,
  nowMs: number,
): 'active' | 'expired' | 'revoked' {
  if (revokedAt !== null) return 'revoked';
  return expiresAt !== null && Date.parse(expiresAt) <= nowMs ? 'expired' : 'active';
}

/** As "read and write". */
export function scopesWords(names: readonly string[]): string {
  return names.join(' and ');
}

/** How long a new key lives: name, words and length in ms. */
export const lifetimes = [
  { value: '30d', label: '30 days', ms: 30 * 86_400_000 },
  { value: '90d', label: '90 days', ms: 90 * 86_400_000 },
  { value: '365d', label: 'A year', ms: 365 * 86_400_000 },
] as const;
