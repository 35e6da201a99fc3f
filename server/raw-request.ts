import type { IncomingMessage } from 'node:http';
import getRawBody from 'raw-body';
import type { RawRequest } from '../src/domain/channel.ts';

/** What reading came to: the request, or why there is none. */
export type RawRead =
  | { readonly kind: 'read'; readonly request: RawRequest }
  | { readonly kind: 'too_large' }
  /** The sender went away: nobody is there to be answered. */
  | { readonly kind: 'aborted' };

/** Read a request as it came off the wire; one that announces too large a body is not read at all. */
export async function readRawRequest(
  message: IncomingMessage,
  maxBodyBytes: number,
): Promise<RawRead> {
  if (Number(message.headers['content-length'] ?? 0) > maxBodyBytes) return { kind: 'too_large' };
  try {
    const body = await getRawBody(message, { limit: maxBodyBytes });
    return { kind: 'read', request: toRawRequest(message, body) };
  } catch (error) {
    if (isOfType(error, 'entity.too.large')) return { kind: 'too_large' };
    if (isOfType(error, 'request.aborted') || message.destroyed) return { kind: 'aborted' };
    throw error;
  }
}

function toRawRequest(message: IncomingMessage, body: Buffer): RawRequest {
  const { method = '', url = '', rawHeaders } = message;
  const queryAt = url.indexOf('?');
  return {
    method,
    query: queryAt === -1 ? '' : url.slice(queryAt + 1),
    headers: rawHeaders.flatMap((name, index) =>
      index % 2 === 0 ? [[name, rawHeaders[index + 1] ?? ''] as const] : [],
    ),
    body,
  };
}

function isOfType(error: unknown, type: string): boolean {
  return error instanceof Error && 'type' in error && error.type === type;
}

/** How long, and how much, of a refused body is still read: enough for the answer to arrive. */
const drainMs = 1000;
const drainBytes = 1_048_576;

/**
 * Read on for a moment before the connection is closed.
 *
 * Closing while bytes wait to be read resets the connection, and the reset can overtake the answer.
 */
export async function drain(message: IncomingMessage): Promise<void> {
  if (message.destroyed || message.readableEnded) return;
  let timer: NodeJS.Timeout | undefined;
  await new Promise<void>((resolve) => {
    let readBytes = 0;
    const done = (): void => resolve();
    timer = setTimeout(done, drainMs);
    message.once('end', done).once('close', done).once('error', done);
    message.on('data', (chunk: Buffer) => {
      readBytes += chunk.length;
      if (readBytes > drainBytes) done();
    });
    message.resume();
  });
  clearTimeout(timer);
}
