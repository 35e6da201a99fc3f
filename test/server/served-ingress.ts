import { randomBytes } from 'node:crypto';
import type { Knex } from 'knex';
import { pino } from 'pino';
import { vi } from 'vitest';
import type { ChannelName } from '../../src/domain/channel.ts';
import { openIngress } from '../../src/ingress-parts.ts';
import { openIntegrations } from '../../src/runtime/first-setup.ts';
import type { FirstIntegration } from '../../src/runtime/first-setup.ts';
import { makeId } from '../../src/runtime/ids.ts';
import { makeRecorder } from '../../src/runtime/recorder.ts';
import { makeSealer } from '../../src/runtime/sealing.ts';
import { sendSigned } from '../../src/runtime/senders/send.ts';
import { ensureTenant } from '../../src/store/tenants.ts';
import { freshDatabase } from '../support/database.ts';
import { serveApi } from './served-api.ts';
import type { Answer, ServedApi } from './served-api.ts';

/** The ingress and the API over a database of their own; what would be started is only counted. */
export interface ServedIngress {
  readonly db: Knex;
  readonly api: ServedApi;
  readonly integrations: Readonly<Record<ChannelName, FirstIntegration>>;
  /** A request with a key of the tenant of the integrations. */
  call(method: string, path: string, body?: unknown): Promise<Answer>;
  /** What the server has logged. */
  log(): string;
  /** The rejected requests of the tenant, once there are that many. */
  rejected(count: number): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
}

export async function serveIngress(now: () => Date = () => new Date()): Promise<ServedIngress> {
  const db = await freshDatabase();
  const sealer = makeSealer(randomBytes(32));
  const { id: tenantId } = await ensureTenant(db, 'default', makeId('ten'));
  const integrations = await openIntegrations({ db, sealer, earlierApiKey: undefined }, tenantId);
  const lines: string[] = [];
  const log = pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) });
  const ingress = openIngress({
    db,
    config: { MAX_BODY: 4_194_304, TIMESTAMP_TOLERANCE: 300 },
    log,
    now,
    sealer,
    recorder: makeRecorder(db),
    starter: { start: async () => true, close: async () => undefined },
    triggers: { plan: () => [], reload: async () => undefined, close: () => undefined },
  });
  const own = { origin: '' };
  const api = await serveApi({
    db,
    sealer,
    sendTestRequest: (path, request) => sendSigned(`${own.origin}${path}`, request),
    log,
    now,
    ingress: ingress.receive,
    release: ingress.release,
    onIntegrationChange: ingress.forgetIntegrations,
  });
  own.origin = api.origin;
  const key = await api.makeKey(['read', 'write'], tenantId);

  async function call(method: string, path: string, body?: unknown): Promise<Answer> {
    return api.fetch(path, {
      method,
      headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  }

  return {
    db,
    api,
    integrations,
    call,
    log: () => lines.join(''),
    async rejected(count) {
      return vi.waitFor(async () => {
        const { body } = await call('GET', '/v1/rejected-requests?limit=200');
        const rows = body['data'] as Record<string, unknown>[];
        if (rows.length < count) throw new Error(`${rows.length} of ${count} are kept`);
        return rows;
      }, 30_000);
    },
    async close() {
      await ingress.close();
      await api.close();
    },
  };
}
