import type { Answer, ServedApi } from './served-api.ts';

/** What the tests look at in a secret of an answer. */
export interface SecretAnswer {
  readonly id: string;
  readonly kind: string;
  readonly value?: string;
  readonly state: string;
  readonly expires_at: string | null;
  readonly safe_to_drop: boolean | null;
  readonly safe_to_drop_reason: string | null;
}

/** Makes an integration. Answers its id. */
export async function makeIntegration(api: ServedApi, body: object): Promise<string> {
  const made = await api.call('POST', '/v1/integrations', body);
  if (made.status !== 201) throw new Error(`Cannot make an integration: ${made.text}`);
  return made.body['id'] as string;
}

/** The secrets in an answer, newest first. */
export function secretsOf({ body }: Answer): SecretAnswer[] {
  return body['secrets'] as SecretAnswer[];
}

/** The secrets of an integration as they are now. */
export async function readSecrets(api: ServedApi, id: string): Promise<SecretAnswer[]> {
  return secretsOf(await api.call('GET', `/v1/integrations/${id}`));
}

/** An answer's status, then where each error is and what to change there. */
export function refusalOf({ status, body }: Answer): unknown {
  const errors = (body['errors'] ?? []) as { pointer: string; detail: string }[];
  return [status, ...errors.map(({ pointer, detail }) => `${pointer}: ${detail}`)];
}
