import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type Koa from 'koa';

/** A server that takes requests. */
export interface Listening {
  /** The port it got, also when 0 was asked for. */
  readonly port: number;
  /** Take no more, let those under way end (10 s at most), then close. May be called twice. */
  close(): Promise<void>;
}

/**
 * Node's own times are for friendly networks: it looks for silent sockets every 30 s and gives them
 * 60 to 300 s. A body of 25 MiB gets 30 s, which is 7 Mbit/s.
 */
const serverOptions = {
  connectionsCheckingInterval: 1000,
  headersTimeout: 5000,
  requestTimeout: 30_000,
  keepAliveTimeout: 5000,
};

/** Sockets at once: each costs memory before it has said anything. */
const connectionsMax = 5000;

/** More headers than this are refused; Node would drop those beyond 1,000 in silence. */
const headersMax = 100;

/** What is still under way after this long when we stop is cut off. */
const closeMaxMs = 10_000;

/**
 * Serve an application over HTTP.
 *
 * @throws Error in one line when the port is taken or may not be used
 */
export async function listen(
  app: Koa,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<Listening> {
  const underWay = new Set<ServerResponse>();
  const server = createServer(serverOptions, makeListener(app, underWay));
  server.maxConnections = connectionsMax;
  server.maxHeadersCount = 0;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(toClearError(error, host, port)));
    server.listen(port, host, resolve);
  });
  let closing: Promise<void> | undefined;
  return {
    port: (server.address() as AddressInfo).port,
    close: () => (closing ??= closeGently(server, underWay)),
  };
}

function makeListener(app: Koa, underWay: Set<ServerResponse>): RequestListener {
  const serve = app.callback();
  return (request, response) => {
    const status = refuse(request);
    if (status !== undefined) {
      response.writeHead(status, { Connection: 'close', 'Content-Length': 0 }).end();
      return;
    }
    underWay.add(response);
    response.once('close', () => underWay.delete(response));
    void serve(request, response);
  };
}

/** The status for a request that two readers could read in two ways; `undefined` for a plain one. */
function refuse(request: IncomingMessage): number | undefined {
  const { rawHeaders, httpVersion, headers } = request;
  if (rawHeaders.length > headersMax * 2) return 431;
  if (!['1.0', '1.1'].includes(httpVersion)) return 505;
  if (request.url?.startsWith('/') !== true) return 400;
  const coding = headers['transfer-encoding'];
  if (coding !== undefined && httpVersion === '1.0') return 400;
  if (coding !== undefined && coding.toLowerCase() !== 'chunked') return 501;
  const hosts = rawHeaders.filter((name, index) => index % 2 === 0 && /^host$/i.test(name));
  return hosts.length > 1 ? 400 : undefined;
}

async function closeGently(server: Server, underWay: ReadonlySet<ServerResponse>): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  for (const response of underWay) {
    if (!response.headersSent) response.setHeader('Connection', 'close');
  }
  server.closeIdleConnections();
  const cut = setTimeout(() => server.closeAllConnections(), closeMaxMs);
  await closed;
  clearTimeout(cut);
}

function toClearError(error: Error, host: string, port: number): Error {
  const code = 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE') {
    return new Error(`Port ${port} is taken: stop what listens there, or set PORT to another`);
  }
  if (code === 'EACCES') {
    return new Error(`Port ${port} may not be used by this user: set PORT to 1024 or more`);
  }
  return new Error(`Cannot listen on ${host}:${port}: ${error.message}`, { cause: error });
}
