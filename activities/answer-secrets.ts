import { makeHide } from '../src/runtime/secret-hiding.ts';
import type { Answer } from './http.ts';

/** Of a shorter one the words of any answer are full. */
const shortestChars = 6;

/**
 * An answer as it may be kept and shown: of what only the consumer and we know, `***` stands where
 * its server echoed it, in a header or in the body. All else is byte for byte as it came.
 */
export function withoutSecrets(answer: Answer, secrets: readonly (string | undefined)[]): Answer {
  const known = secrets.filter((secret) => secret !== undefined).filter(isLong);
  if (known.length === 0) return answer;
  const hide = makeHide(known);
  const headers = Object.entries(answer.headers).map(
    ([name, value]) => [name, hide(value)] as const,
  );
  return {
    ...answer,
    headers: Object.fromEntries(headers),
    // A character per byte: what is no UTF-8 stays what it is.
    body: Buffer.from(hide(answer.body.toString('latin1')), 'latin1'),
  };
}

const isLong = (secret: string): boolean => secret.length >= shortestChars;
