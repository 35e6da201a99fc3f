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

/**
 * Where a server of this machine is reached: on loopback, unless it listens on one address only.
 *
 * @param host - what it listens on, as `HOST`
 */
export function ownUrl(host: string, port: number): string {
  const isEverywhere = ['0.0.0.0', '::', ''].includes(host);
  const name = isEverywhere ? '127.0.0.1' : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
}
