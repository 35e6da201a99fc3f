import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tls from 'node:tls';
import type { PeerCertificate, TLSSocket } from 'node:tls';

/** A certificate with its key, PEM. */
export interface Pair {
  readonly certificate: string;
  readonly key: string;
}

/** An authority of its own, made with openssl for the time of a test. */
export interface Authority {
  readonly certificate: string;
  /**
   * @param subject - its common name; empty = no subject at all
   * @param names - what the certificate is for: `DNS:a.example`, `IP:127.0.0.1`
   */
  issue(subject: string, names?: string): Pair;
  close(): void;
}

export function makeAuthority(): Authority {
  const folder = mkdtempSync(join(tmpdir(), 'authority-'));
  const at = (name: string): string => join(folder, name);
  const openssl = (...groups: string[][]): void =>
    void execFileSync('openssl', groups.flat(), { stdio: 'pipe' });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl(
    ['req', '-x509', ...newKey, '-days', '2', '-subj', '/CN=Test authority'],
    ['-keyout', at('ca.key'), '-out', at('ca.pem')],
  );
  let issued = 0;
  return {
    certificate: readFileSync(at('ca.pem'), 'utf8'),
    issue(subject, names = 'DNS:unused.example') {
      issued += 1;
      const [key, pem] = [at(`${issued}.key`), at(`${issued}.pem`)];
      openssl(
        ['req', '-x509', ...newKey, '-days', '2', '-subj', subject === '' ? '/' : `/CN=${subject}`],
        ['-addext', `subjectAltName=${names}`, '-addext', 'basicConstraints=critical,CA:FALSE'],
        ['-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-keyout', key, '-out', pem],
      );
      return { certificate: readFileSync(pem, 'utf8'), key: readFileSync(key, 'utf8') };
    },
    close: () => rmSync(folder, { recursive: true }),
  };
}

/** Trust an authority for every connection of this process, as `NODE_EXTRA_CA_CERTS` does; answers how to stop. */
export function trust({ certificate }: Authority): () => void {
  const { createSecureContext } = tls;
  tls.createSecureContext = (options) => {
    const made = createSecureContext(options);
    (made.context as { addCACert(pem: string): void }).addCACert(certificate);
    return made;
  };
  return () => void (tls.createSecureContext = createSecureContext);
}

/** Who came, by the subject of the certificate shown; null = without one that is good. */
export interface TlsConsumer {
  readonly port: number;
  readonly visitors: { readonly subject: string | null; readonly socket: TLSSocket }[];
  close(): Promise<void>;
}

/** A consumer that answers 200 over TLS. */
export async function startTlsConsumer(
  { certificate: cert, key }: Pair,
  { ca, isStrict }: { readonly ca: string; readonly isStrict: boolean },
): Promise<TlsConsumer> {
  const visitors: TlsConsumer['visitors'] = [];
  const options = { cert, key, ca, requestCert: true, rejectUnauthorized: isStrict };
  const server = createServer(options, (request, response) => {
    const socket = socketOf(request);
    const shown = socket.getPeerCertificate() as Partial<PeerCertificate>;
    visitors.push({ subject: socket.authorized ? String(shown.subject?.CN) : null, socket });
    request.resume();
    response.end('seen');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    visitors,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function socketOf({ socket }: IncomingMessage): TLSSocket {
  return socket as TLSSocket;
}
