import { request } from 'undici';
import type { SignedRequest } from './sender.ts';

/**
 * Send a signed request to an ingress address.
 *
 * @param url - may have a query of its own: the sender's is added to it
 */
export async function sendSigned(
  url: string,
  { method, query, headers, body }: SignedRequest,
): Promise<{ status: number; text: string }> {
  const separator = url.includes('?') ? '&' : '?';
  const address = query === '' ? url : `${url}${separator}${query}`;
  const content = method === 'GET' ? null : body;
  const answer = await request(address, { method, headers, body: content });
  return { status: answer.statusCode, text: await answer.body.text() };
}
