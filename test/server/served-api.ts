import { randomBytes } from 'node:crypto';
import type { Knex } from 'knex';
import { pino } from 'pino';
import { makeApp } from '../../server/app.ts';
import type { AppParts } from '../../server/app.ts';
import { listen } from '../../server/listen.ts';
import { makeLive } from '../../server/live.ts';
import { makeLoginLink } from '../../server/login-link.ts';
import { metadataKeptMs, payloadsKeptMs } from '../../src/domain/retention.ts';
import { deliverySchedule, deliveryTimeoutMs } from '../../src/domain/retry.ts';
import { makeAckTokens } from '../../src/runtime/ack-token.ts';
import { makeApiKey } from '../../src/runtime/api-key.ts';
import { makeId } from '../../src/runtime/ids.ts';
import { makeQuotas } from '../../src/runtime/quotas.ts';
import { makeSealer } from '../../src/runtime/sealing.ts';
import { recordApiKey } from '../../src/store/api-keys.ts';
import { ensureTenant } from '../../src/store/tenants.ts';
import { freshDatabase } from '../support/database.ts';

/** What a test looks at in an answer. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The parsed body; an empty object when it is not JSON. */
  readonly body: Record<string, unknown>;
}

/** The API on a port of its own, over a database of its own. */
export interface ServedApi {
  readonly db: Knex;
  readonly origin: string;
  /** The tenant of `call`. */
  readonly tenantId: string;
  /** How often work was woken. */
  wakes(): number;
  /** A request with a key of every scope, unless `init` brings its own headers. */
  call(method: string, path: string, body?: unknown): Promise<Answer>;
  fetch(path: string, init?: RequestInit): Promise<Answer>;
  /** A new key; of a new tenant when none is given. */
  makeKey(scopes: readonly string[], tenantId?: string): Promise<string>;
  /** Another tenant's id. */
  makeTenant(): Promise<string>;
  /** The header `Cookie` of a browser that has just logged in; of the tenant of `call` when none is given. */
  logIn(tenantId?: string): Promise<string>;
  close(): Promise<void>;
}

export async function serveApi(parts: Partial<AppParts> = {}): Promise<ServedApi> {
  const db = parts.db ?? (await freshDatabase());
  let wakes = 0;
  const log = pino({ level: 'silent' });
  const live = parts.live ?? makeLive({ db, log });
  const app = makeApp({
    db,
    log,
    live,
    now: () => new Date(),
    ingress: (_, next) => next(),
    publish: async () => ({ eventId: 'evt_1', status: 'accepted', deliveries: 0, skipped: 0 }),
    quotas: makeQuotas({ db, log, now: () => new Date(), usual: undefined }),
    toleranceS: 300,
    retention: { payloadsMs: payloadsKeptMs, metadataMs: metadataKeptMs },
    release: async () => ({ eventId: 'evt_1', status: 'accepted' }),
    sealer: makeSealer(randomBytes(32)),
    refuseUrl: (raw) => (raw.startsWith('https://') ? undefined : 'Must be https'),
    makeEndpointSecret: () => 'whsec_c2VjcmV0',
    sendTestRequest: async () => ({ status: 200, text: '' }),
    sendTest: async () => ({
      request: { headers: {}, body: Buffer.alloc(0) },
      deadlineMs: 2000,
      answer: {
        status: 200,
        reason: null,
        headers: {},
        body: Buffer.alloc(0),
        durationMs: 1,
        timings: { dnsMs: null, connectMs: null, tlsMs: null, firstByteMs: 1 },
      },
    }),
    schedule: deliverySchedule,
    timeoutMs: deliveryTimeoutMs,
    userAgent: 'Durahook/test',
    publicUrl: 'https://durahook.example',
    onIntegrationChange: () => undefined,
    onTriggersChange: async () => undefined,
    wake: () => (wakes += 1),
    pokeReplay: () => undefined,
    readSystem: async () => ({
      version: '0.0.0',
      node: process.version,
      startedAt: new Date(),
      config: [],
      postgres: null,
      temporal: { address: 'localhost:7233', namespace: 'default', seen: null },
    }),
    countFailedWorkflows: async () => null,
    checks: [{ name: 'database', isUp: async () => true }],
    temporalUi: undefined,
    consoleFolder: 'dist/console',
    loginSecret: randomBytes(32),
    ackTokens: makeAckTokens(randomBytes(32), 'https://durahook.example'),
    ...parts,
  });
  const server = await listen(app, { host: '127.0.0.1', port: 0 });
  const origin = `http://127.0.0.1:${server.port}`;

  async function makeTenant(): Promise<string> {
    const id = makeId('ten');
    return (await ensureTenant(db, id, id)).id;
  }

  async function makeKey(scopes: readonly string[], tenantId?: string): Promise<string> {
    const tenant_id = tenantId ?? (await makeTenant());
    const { key, ...kept } = makeApiKey();
    await recordApiKey(db, { ...kept, tenant_id, name: 'test', scopes: [...scopes] });
    return key;
  }

  async function fetchAnswer(path: string, init: RequestInit = {}): Promise<Answer> {
    const { status, headers, ...response } = await request(`${origin}${path}`, init);
    return { status, headers, text: response.text, body: parse(response.text) };
  }

  const tenantId = (await ensureTenant(db, 'own', makeId('ten'))).id;
  const key = await makeKey(['read', 'write'], tenantId);
  return {
    db,
    origin,
    tenantId,
    makeKey,
    makeTenant,
    fetch: fetchAnswer,
    async logIn(ofTenant = tenantId) {
      const now = parts.now?.() ?? new Date();
      const options = { tenantId: ofTenant, actor: 'test', publicUrl: origin, now };
      const { url } = await makeLoginLink(db, options);
      const { headers } = await request(url, {});
      return headers.get('Set-Cookie')?.split(';')[0] ?? '';
    },
    wakes: () => wakes,
    call: (method, path, body) =>
      fetchAnswer(path, {
        method,
        headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' },
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      }),
    async close() {
      await live.close();
      await server.close();
      await db.destroy();
    },
  };
}

async function request(
  url: string,
  init: RequestInit,
): Promise<{ status: number; headers: Headers; text: string }> {
  const response = await fetch(url, { redirect: 'manual', ...init });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

function parse(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}
