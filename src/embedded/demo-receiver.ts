import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** What arrived at the demo receiver. */
export interface DemoDelivery {
  readonly type: string;
  /** Both signatures are ours. */
  readonly isVerified: boolean;
  readonly body: string;
}

export interface DemoReceiverOptions {
  /** The endpoint's secret, once it is known. */
  readonly secret: () => string | undefined;
  readonly onDelivery: (delivery: DemoDelivery) => void;
}

export interface DemoServer {
  readonly url: string;
  close(): Promise<void>;
}

/** A consumer as a customer would write it, for development: verifies, remembers, answers 200. */
export async function startDemoReceiver({
  secret,
  onDelivery,
}: DemoReceiverOptions): Promise<DemoServer> {
  const server = createServer((request, response) => {
    void buffer(request).then((body) => {
      const isVerified = verify(secret() ?? '', request.headers, body);
      const type = String(request.headers['x-webhook-event']);
      onDelivery({ type, isVerified, body: body.toString('utf8') });
      response.writeHead(isVerified ? 200 : 401).end();
    });
  });
  return listenOnLoopback(server);
}

/** Both families of signatures, as docs/verifying.md explains them. */
function verify(secret: string, headers: IncomingHttpHeaders, body: Buffer): boolean {
  const id = String(headers['webhook-id']);
  const timestamp = String(headers['webhook-timestamp']);
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const standard = createHmac('sha256', key)
    .update(`${id}.${timestamp}.`)
    .update(body)
    .digest('base64');
  const platform = createHmac('sha256', secret).update(`${timestamp}.`).update(body).digest('hex');
  return (
    has(String(headers['webhook-signature']).split(' '), `v1,${standard}`) &&
    has(String(headers['x-webhook-signature']).split(','), `v1=${platform}`)
  );
}

function has(given: readonly string[], expected: string): boolean {
  const wanted = Buffer.from(expected);
  return given.some(
    (item) => item.length === expected.length && timingSafeEqual(Buffer.from(item), wanted),
  );
}

/** Listen on a free loopback port. */
export async function listenOnLoopback(
  server: ReturnType<typeof createServer>,
): Promise<DemoServer> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
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
