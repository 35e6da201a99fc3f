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
 * 60 to 300 s. A head gets 5 s. With its body a request gets 30 s, of which a large one may wait 5 s
 * for its turn: 25 MiB then need 8.4 Mbit/s. With 10 s they would need 42, and large pushes over a
 * slow line would never arrive; with more, fewer slow senders could occupy what bodies may take.
 */
const serverOptions = {
  connectionsCheckingInterval: 1000,
  headersTimeout: 5000,
  requestTimeout: 30_000,
  keepAliveTimeout: 5000,
  // Node would answer without a word; the rules below say what is missing.
  requireHostHeader: false,
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
    const broken = rules.find(({ isBroken }) => isBroken(request));
    if (broken) {
      refuse(response, broken);
      return;
    }
    underWay.add(response);
    response.once('close', () => underWay.delete(response));
    void serve(request, response);
  };
}

/** A rule that holds for every address; the first one that is broken is the answer. */
interface Rule {
  readonly status: number;
  readonly title: string;
  readonly isBroken: (request: IncomingMessage) => boolean;
}

/** What two readers could read in two ways is refused: a proxy in front would see another request. */
const rules: readonly Rule[] = [
  {
    status: 431,
    title: `A request may have ${headersMax} headers`,
    isBroken: ({ rawHeaders }) => rawHeaders.length > headersMax * 2,
  },
  {
    status: 505,
    title: 'The version of HTTP must be 1.0 or 1.1',
    isBroken: ({ httpVersion }) => !['1.0', '1.1'].includes(httpVersion),
  },
  {
    status: 400,
    title: 'The target must be a path',
    isBroken: ({ url = '' }) => !url.startsWith('/'),
  },
  {
    status: 400,
    title: 'HTTP/1.1 has one Host, HTTP/1.0 at most one',
    isBroken: ({ rawHeaders, httpVersion }) => {
      const hosts = countHosts(rawHeaders);
      return hosts > 1 || (hosts === 0 && httpVersion !== '1.0');
    },
  },
  {
    status: 400,
    title: 'HTTP/1.0 has no Transfer-Encoding',
    isBroken: (request) => codingOf(request) !== undefined && request.httpVersion === '1.0',
  },
  {
    // Where such a body ends, nobody knows (RFC 9112, 6.3).
    status: 400,
    title: 'The last Transfer-Encoding must be chunked',
    isBroken: (request) => !/(?:^|[, \t])chunked$/i.test(codingOf(request) ?? 'chunked'),
  },
  {
    // Node hands such a body on as it came, still coded.
    status: 501,
    title: 'The only Transfer-Encoding taken is chunked',
    isBroken: (request) => !/^chunked$/i.test(codingOf(request) ?? 'chunked'),
  },
];

/** Names and values take turns in the list. */
function countHosts(rawHeaders: readonly string[]): number {
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    if (name.length === 4 && name.toLowerCase() === 'host') hosts += 1;
  }
  return hosts;
}

function codingOf({ headers }: IncomingMessage): string | undefined {
  return headers['transfer-encoding'];
}

/** Nothing of the request is repeated in the answer, and nothing more of it is read. */
function refuse(response: ServerResponse, { status, title }: Rule): void {
  const body = JSON.stringify({ type: 'about:blank', title, status });
  response
    .writeHead(status, {
      'Content-Type': 'application/problem+json',
      'Content-Length': Buffer.byteLength(body),
      'X-Content-Type-Options': 'nosniff',
      Connection: 'close',
    })
    .end(body);
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
