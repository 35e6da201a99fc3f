import { request } from 'undici';
import { z } from 'zod';

/** Where the API is, and the key to it. */
export interface ApiAddress {
  readonly url: string;
  readonly apiKey: string;
}

const problemSchema = z.object({
  title: z.string(),
  detail: z.string().optional(),
  errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
});

/**
 * Call the API.
 *
 * @returns the parsed answer
 * @throws Error with the problem's own words when it is not a 2xx
 */
export async function callApi(
  { url, apiKey }: ApiAddress,
  call: { readonly method: 'GET' | 'POST'; readonly path: string; readonly body?: unknown },
): Promise<unknown> {
  const { method, path, body } = call;
  const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' };
  const answer = await request(new URL(path, url), {
    method,
    headers,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  }).catch((error: unknown) => {
    throw new Error(`Nothing answers at ${url}: is it running? (npm run dev)`, { cause: error });
  });
  const text = await answer.body.text();
  if (answer.statusCode >= 200 && answer.statusCode < 300)
    return text === '' ? null : JSON.parse(text);
  throw new Error(wording(answer.statusCode, text));
}

function wording(status: number, text: string): string {
  try {
    const { title, detail, errors = [] } = problemSchema.parse(JSON.parse(text));
    const fields = errors.map(({ pointer, detail: what }) => `\n  ${pointer}: ${what}`);
    return `${title}: ${detail ?? ''}${fields.join('')}`;
  } catch {
    return `The API answered ${status}`;
  }
}
