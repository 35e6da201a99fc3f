import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import type { Socket } from 'node:net';
import { Agent, buildConnector, request } from 'undici';
import type { Dispatcher } from 'undici';
import type { Egress } from '../src/runtime/egress.ts';

/** How a client shows who it is in TLS: PEM. */
export interface ClientCertificate {
  /** May be a chain. */
  readonly certificate: string;
  readonly key: string;
}

/** What a connection took, in milliseconds; null for what it did not come to, or had no need of. */
export interface ConnectionTimes {
  dnsMs: number | null;
  connectMs: number | null;
  tlsMs: number | null;
  /** When it could be used, by the monotonic clock; null = a connection of before was used. */
  readyAt: number | null;
}

/** The connections of a process: those kept open per origin, and apart from them those of each certificate. */
export interface Agents {
  /**
   * Begin a request.
   *
   * @param times - written while it connects, where no connection of before is free
   */
  request(
    url: string,
    options: Pick<Dispatcher.RequestOptions, 'headers' | 'body' | 'signal'>,
    how: { readonly certificate: ClientCertificate | null; readonly times: ConnectionTimes },
  ): Promise<Dispatcher.ResponseData>;
  close(): Promise<void>;
}

/**
 * An attempt ends by its own deadline; this ends the connecting that it leaves behind, on which the
 * next attempt would wait. It holds for TCP and for TLS each: above 15 s, half of the first wait of
 * the schedule, the next attempt could fail with it.
 */
const connectTimeoutMs = 14_000;

/** Certificates whose connections are kept open; beyond it the one used longest ago connects anew. */
const certificatesMax = 100;

/** Opens a connection to where it is told. */
export type Connector = buildConnector.connector;

/** Opens them to the network, showing a certificate where there is one. */
const openToNetwork = (certificate: ClientCertificate | null): Connector =>
  buildConnector({
    timeout: connectTimeoutMs,
    ...(certificate && { cert: certificate.certificate, key: certificate.key }),
  });

/** @param makeConnector - replaces the network: a check of the guard does, which reaches nobody */
export function makeAgents(
  egress: Egress,
  makeConnector: typeof openToNetwork = openToNetwork,
): Agents {
  let beginning: ConnectionTimes | undefined;
  const open = (certificate: ClientCertificate | null): Agent =>
    new Agent({
      connect: guarded(egress, makeConnector(certificate), () => beginning),
      pipelining: 1,
      connections: 64,
      keepAliveTimeout: 10_000,
      maxHeaderSize: 32 * 1024,
      autoSelectFamily: false,
    });
  const plain = open(null);
  const ofCertificates = new Map<string, Agent>(); // The one used longest ago is the first.

  function agentFor(certificate: ClientCertificate | null): Agent {
    if (!certificate) return plain;
    const name = nameOf(certificate);
    const agent = ofCertificates.get(name) ?? open(certificate);
    ofCertificates.delete(name);
    ofCertificates.set(name, agent);
    for (const [oldest, dropped] of ofCertificates) {
      if (ofCertificates.size <= certificatesMax) break;
      ofCertificates.delete(oldest);
      void dropped.close(); // After the requests that are under way.
    }
    return agent;
  }

  return {
    request(url, options, { certificate, times }) {
      const dispatcher = agentFor(certificate);
      // Undici asks for a connection before `request` returns: so it is known for which one.
      beginning = times;
      try {
        return request(url, { ...options, method: 'POST', dispatcher });
      } finally {
        beginning = undefined;
      }
    },
    async close() {
      await Promise.all([plain, ...ofCertificates.values()].map((agent) => agent.destroy()));
    },
  };
}

/** So that a key is not kept in clear as the name of its connections. */
function nameOf({ certificate, key }: ClientCertificate): string {
  return createHash('sha256').update(`${certificate}\0${key}`).digest('base64');
}

/**
 * Connect only to the address that was checked. The name stays for TLS and `Host`; literals pass
 * here too, where a `lookup` hook would not be asked.
 */
function guarded(
  egress: Egress,
  connect: Connector,
  beginning: () => ConnectionTimes | undefined,
): Connector {
  async function dial(
    options: buildConnector.Options,
    times: ConnectionTimes | undefined,
  ): Promise<Socket> {
    const took = stopwatch();
    const address = await egress.resolve(options.hostname);
    const isName = isIP(options.hostname.replace(/^\[|\]$/g, '')) === 0;
    if (times && isName) times.dnsMs = took();
    const isTls = options.protocol === 'https:';
    const port = options.port || (isTls ? '443' : '80');
    const to = { ...options, hostname: address, port };
    const socket = await connected(connect, { ...to, protocol: 'http:' });
    if (times) times.connectMs = took();
    if (!isTls) return socket;
    try {
      const secured = await connected(connect, { ...to, httpSocket: socket });
      if (times) times.tlsMs = took();
      return secured;
    } catch (error) {
      socket.destroy(); // Of a certificate that can't be read, TLS has not taken it over.
      throw error;
    }
  }

  return (options, callback) => {
    const times = beginning();
    dial(options, times).then(
      (socket) => {
        if (times) times.readyAt = performance.now();
        callback(null, socket);
      },
      (error: unknown) => callback(error instanceof Error ? error : new Error(String(error)), null),
    );
  };
}

function connected(connect: Connector, options: buildConnector.Options): Promise<Socket> {
  return new Promise((resolve, reject) => {
    connect(options, (...[error, socket]) => {
      if (socket) resolve(socket);
      else reject(error ?? new Error('There is no connection'));
    });
  });
}

/** Milliseconds since it was asked last. */
function stopwatch(): () => number {
  let last = performance.now();
  return () => {
    const now = performance.now();
    const tookMs = Math.round(now - last);
    last = now;
    return tookMs;
  };
}
