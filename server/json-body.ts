import type { IncomingMessage } from 'node:http';
import getRawBody from 'raw-body';
import { Problem } from '../src/domain/problem.ts';
import { depthMax } from '../src/runtime/body-limits.ts';

/** The API's own cap in bytes, where a route has no other: 1,000 ids are 40 KiB. */
const usualMax = 1_048_576;

/** A body, and the bytes that it was read from. */
export interface JsonBody {
  readonly value: unknown;
  readonly bytes: Buffer;
}

/**
 * The JSON body of a request.
 *
 * @throws Problem `unsupported-content-type`, `body-too-large`, `malformed-json` or `invalid-request`
 */
export async function readJson(request: IncomingMessage, bodyMax = usualMax): Promise<JsonBody> {
  const { 'content-type': type = '', 'content-encoding': coding } = request.headers;
  if (!/^application\/json *(?:;|$)/i.test(type)) {
    throw new Problem(
      'unsupported-content-type',
      'Send the header "Content-Type: application/json"',
    );
  }
  if (coding !== undefined && coding !== 'identity') {
    throw new Problem('unsupported-content-type', 'Send the body without Content-Encoding');
  }
  const bytes = await read(request, bodyMax);
  const value = parse(bytes);
  if (isDeeper(value, depthMax)) {
    throw new Problem('invalid-request', `The body is nested deeper than ${depthMax} levels`, [
      { pointer: '', detail: `Nest at most ${depthMax} levels` },
    ]);
  }
  return { value, bytes };
}

/** Whether a request has a body, an empty one being none (RFC 9112, section 6). */
export function hasBody({ headers }: IncomingMessage): boolean {
  const { 'content-length': length = '0', 'transfer-encoding': coding } = headers;
  return coding !== undefined || length !== '0';
}

/** Whether a JSON value is nested deeper than `levels`. */
export function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  // No list is made of the values: a body may have millions.
  if (Array.isArray(value)) return value.some((inner) => isDeeper(inner, levels - 1));
  for (const key in value) {
    if (isDeeper((value as Record<string, unknown>)[key], levels - 1)) return true;
  }
  return false;
}

async function read(request: IncomingMessage, bodyMax: number): Promise<Buffer> {
  const length = request.headers['content-length'];
  try {
    return await getRawBody(request, { limit: bodyMax, ...(length !== undefined && { length }) });
  } catch (error) {
    if (error instanceof Error && 'type' in error && error.type === 'entity.too.large') {
      throw new Problem('body-too-large', `The body is larger than ${bodyMax} bytes`);
    }
    throw error;
  }
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    const why = error instanceof SyntaxError ? whatIsWrong(error) : 'it is not UTF-8';
    throw new Problem('malformed-json', `The body is not JSON: ${why}`);
  }
}

/** What V8 says, without the piece of the body that it may repeat: that may be a secret. */
function whatIsWrong({ message }: SyntaxError): string {
  const [token] = /^Unexpected token '[^]{1,2}'/.exec(message) ?? [];
  return token ?? (message.includes('is not valid JSON') ? 'it is not valid' : message);
}
