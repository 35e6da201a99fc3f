import type { EndpointRow } from '../store/delivery-tables.ts';
import type { Sealer } from './sealing.ts';

/** How attempts introduce themselves to a consumer, with what is secret of it. */
export type OpenedAuth =
  | { readonly kind: 'basic'; readonly username: string; readonly password: string }
  | { readonly kind: 'bearer'; readonly token: string }
  | {
      readonly kind: 'oauth2';
      readonly token_url: string;
      readonly client_id: string;
      readonly client_secret: string;
      readonly scope: string | null;
    }
  /** PEM; `certificate` may be a chain. */
  | { readonly kind: 'mtls'; readonly certificate: string; readonly key: string };

/**
 * What is secret of an endpoint's auth, sealed for its row.
 *
 * @param secret - the secret fields of `OpenedAuth` by name
 */
export function sealAuth(
  sealer: Sealer,
  endpointId: string,
  secret: Readonly<Record<string, string>>,
): Buffer {
  return sealer.seal(aadOf(endpointId), JSON.stringify(secret));
}

/** The auth of an endpoint, opened; null when it has none. */
export function openAuth(
  sealer: Sealer,
  { id, auth, auth_sealed: sealed }: Pick<EndpointRow, 'id' | 'auth' | 'auth_sealed'>,
): OpenedAuth | null {
  if (auth === null || sealed === null) return null;
  const secret = JSON.parse(sealer.open(aadOf(id), sealed)) as object;
  return { ...auth, ...secret } as OpenedAuth;
}

function aadOf(endpointId: string): string {
  return `${endpointId}/auth`;
}
