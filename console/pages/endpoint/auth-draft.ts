import type { paths } from '../../../src/client/schema.ts';
import type { Endpoint } from './endpoint.ts';

type Kept = Endpoint['auth'];

/** What the API takes: a change replaces all of it, secrets included. */
type AuthSettings = NonNullable<
  NonNullable<
    paths['/v1/endpoints/{id}']['patch']['requestBody']['content']['application/json']['auth']
  >
>;

export type AuthKind = AuthSettings['kind'] | 'none';

/** What is typed of an endpoint's auth; a kind uses some of it. What is secret begins empty: it is never shown. */
export interface AuthDraft {
  readonly kind: AuthKind;
  readonly username: string;
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly scope: string;
  /** The password, the token, or the client's secret. */
  readonly secret: string;
  readonly certificate: string;
  readonly key: string;
}

const nothing = {
  username: '',
  tokenUrl: '',
  clientId: '',
  scope: '',
  secret: '',
  certificate: '',
  key: '',
} as const;

export function authDraftOf(kept: Kept): AuthDraft {
  switch (kept?.kind) {
    case undefined:
      return { ...nothing, kind: 'none' };
    case 'basic':
      return { ...nothing, kind: kept.kind, username: kept.username };
    case 'oauth2': {
      const { kind, token_url: tokenUrl, client_id: clientId, scope } = kept;
      return { ...nothing, kind, tokenUrl, clientId, scope: scope ?? '' };
    }
    case 'bearer':
    case 'mtls':
      return { ...nothing, kind: kept.kind };
  }
}

/** Another kind begins empty; back to the kept one is as it was. */
export function ofKind(kind: AuthKind, kept: Kept): AuthDraft {
  const before = authDraftOf(kept);
  return kind === before.kind ? before : { ...nothing, kind };
}

/** Nothing was typed: what is kept stays, its secrets too. */
export function isAuthKept(draft: AuthDraft, kept: Kept): boolean {
  return JSON.stringify(draft) === JSON.stringify(authDraftOf(kept));
}

export function authOf(draft: AuthDraft): AuthSettings | null {
  const { kind, username, secret, certificate, key } = draft;
  switch (kind) {
    case 'none':
      return null;
    case 'basic':
      return { kind, username, password: secret };
    case 'bearer':
      return { kind, token: secret.trim() };
    case 'oauth2': {
      const [token_url, scope] = [draft.tokenUrl.trim(), draft.scope.trim()];
      const client = { client_id: draft.clientId, client_secret: secret };
      return { kind, token_url, ...client, scope: scope === '' ? null : scope };
    }
    case 'mtls':
      return { kind, certificate, key };
  }
}
