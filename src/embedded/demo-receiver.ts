import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** What arrived at the demo receiver. */
export interface DemoDelivery {
  /** `webhook-id`: the same for each attempt of a delivery. */
  readonly id: string;
  readonly type: string;
  /** Both signatures are ours. */
  readonly isVerified: boolean;
  readonly body: string;
}

export interface DemoReceiverOptions {
  /** The endpoint's secret, once it is known. */
  readonly secret: () => string | undefined;
  /** Left out: a free one. */
  readonly port?: number;
  readonly onDelivery: (delivery: DemoDelivery) => void;
}

export interface DemoServer {
  readonly url: string;
  close(): Promise<void>;
}

/** A consumer as a customer would write it, for development: verifies, remembers, answers 200, or 401. */
export async function startDemoReceiver({
  secret,
  port,
  onDelivery,
}: DemoReceiverOptions): Promise<DemoServer> {
  const server = createServer((request, response) => {
    buffer(request)
      .then((body) => {
        const isVerified = verify(secret(), request.headers, body);
        const id = headerOf(request.headers, 'webhook-id');
        const type = headerOf(request.headers, 'x-webhook-event');
        onDelivery({ id, type, isVerified, body: body.toString('utf8') });
        response.writeHead(isVerified ? 200 : 401).end();
      })
      .catch(() => response.destroy()); // The sender hung up half way.
  });
  return listenOnLoopback(server, port);
}

/** Both families of signatures, as docs/verifying.md explains them. */
function verify(secret: string | undefined, headers: IncomingHttpHeaders, body: Buffer): boolean {
  if (secret === undefined) return false; // An empty key would let anybody sign.
  const id = headerOf(headers, 'webhook-id');
  const timestamp = headerOf(headers, 'webhook-timestamp');
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const standard = createHmac('sha256', key)
    .update(`${id}.${timestamp}.`)
    .update(body)
    .digest('base64');
  const platform = createHmac('sha256', secret)
    .update(`${headerOf(headers, 'x-webhook-timestamp')}.`)
    .update(body)
    .digest('hex');
  return (
    has(headerOf(headers, 'webhook-signature').split(' '), `v1,${standard}`) &&
    has(headerOf(headers, 'x-webhook-signature').split(','), `v1=${platform}`)
  );
}

function headerOf(headers: IncomingHttpHeaders, name: string): string {
  return String(headers[name] ?? '');
}

function has(given: readonly string[], expected: string): boolean {
  const wanted = Buffer.from(expected);
  return given.some((item) => {
    const bytes = Buffer.from(item);
    return bytes.length === wanted.length && timingSafeEqual(bytes, wanted);
  });
}

/**
 * Listen on loopback; port 0 is a free one.
 *
 * @throws Error when the port is taken
 */
export async function listenOnLoopback(
  server: ReturnType<typeof createServer>,
  wantedPort = 0,
): Promise<DemoServer> {
  await new Promise<void>((resolve, reject) => {
    const refuse = (cause: Error): void =>
      reject(new Error(`Cannot listen on port ${wantedPort}: ${cause.message}`, { cause }));
    server.once('error', refuse);
    server.listen(wantedPort, '127.0.0.1', () => {
      server.off('error', refuse);
      resolve();
    });
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
