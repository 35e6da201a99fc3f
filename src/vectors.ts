import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Koa from 'koa';
import type { Knex } from 'knex';
import { pino } from 'pino';
import { ingress } from '../server/ingress.ts';
import { listen } from '../server/listen.ts';
import { makeRenderProblem } from '../server/problem.ts';
import { checkVectors } from '../server/vectors.ts';
import type { VectorCase, VectorEvent, VectorServer } from '../server/vectors.ts';
import { startPostgres } from './embedded/postgres.ts';
import { acceptEvent, openIntegration } from './runtime/inbound.ts';
import { makeId } from './runtime/ids.ts';
import { makeRecorder } from './runtime/recorder.ts';
import { makeSealer } from './runtime/sealing.ts';
import type { Sealer } from './runtime/sealing.ts';
import { scopeOf } from './runtime/trigger-scope.ts';
import { migrate, openDatabase } from './store/database.ts';
import { recordIntegration } from './store/integrations.ts';
import { ensurePartitions } from './store/partitions.ts';
import { ensureTenant } from './store/tenants.ts';

/** The default of the product; cases that want another name it. */
const maxBodyBytes = 25 * 1_048_576;
const toleranceS = 300;

/**
 * Run every vector file of a folder against the real ingress on a PostgreSQL of its own.
 *
 * @returns 0 when all cases are as expected, else 1
 */
export async function checkVectorFolder(dir: string, say: (line: string) => void): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'durahook-vectors-'));
  const postgres = await startPostgres({ dataDir: join(folder, 'postgres'), isDurable: false });
  const db = openDatabase({ url: postgres.url, connectionsMax: 4 });
  try {
    await migrate(db, new Date());
    const world = { serve: (vectorCase: VectorCase) => serveCase(db, vectorCase) };
    return await checkVectors(dir, world, say);
  } finally {
    await db.destroy();
    await postgres.remove();
    await rm(folder, { recursive: true, force: true });
  }
}

/** The ingress as it is served, with the case's integration, earlier events and clock. */
export async function serveCase(db: Knex, vectorCase: VectorCase): Promise<VectorServer> {
  const sealer = makeSealer(randomBytes(32));
  const now = new Date(vectorCase.now * 1000);
  const tenant = await ensureTenant(db, makeId('ten'), makeId('ten'));
  const integrationId = await insertIntegration(db, vectorCase, { sealer, tenantId: tenant.id });
  await insertEarlier(db, vectorCase, integrationId);
  const recorder = makeRecorder(db);
  const starter = { start: async () => true, close: async () => undefined };
  let outcome:
    | { kind: 'accepted' | 'duplicate'; type: string; dedupeId: string | null }
    | undefined;
  const app = new Koa();
  app.use(makeRenderProblem(pino({ level: 'silent' })));
  app.use(
    ingress({
      // The address in a case names the case's integration, whatever its id.
      findIntegration: (channel) => openIntegration({ db, sealer }, channel, integrationId),
      accept: async (event, { triggerId }) => {
        const accepted = await acceptEvent({ recorder, starter, plan: () => [] }, event, triggerId);
        outcome = { kind: accepted.kind, type: event.type, dedupeId: event.dedupeId };
        return accepted;
      },
      countUse: () => undefined,
      keepRejected: () => undefined,
      now: () => now,
      maxBodyBytes,
      toleranceS,
      log: pino({ level: 'silent' }),
    }),
  );
  const server = await listen(app, { host: '127.0.0.1', port: 0 });
  return {
    origin: `http://127.0.0.1:${server.port}`,
    storedEvent: async () => outcome && { ...outcome, ...(await readStored(db, integrationId)) },
    close: () => server.close(),
  };
}

async function insertIntegration(
  db: Knex,
  { channel, integration }: VectorCase,
  { sealer, tenantId }: { sealer: Sealer; tenantId: string },
): Promise<string> {
  const id = makeId('int');
  const row = {
    id,
    tenant_id: tenantId,
    channel,
    mode: integration.mode,
    scheme: integration.scheme ?? null,
    username: integration.username ?? null,
    receive_id: integration.receive_id ?? null,
    tolerance_s: integration.tolerance_s ?? null,
    dedupe: integration.dedupe ?? null,
    description: null,
  };
  const secrets = integration.secrets.map(({ kind, value, expires_at }) => {
    const secretId = makeId('sec');
    const expiresAt = expires_at === null ? null : new Date(expires_at * 1000);
    return { id: secretId, kind, sealed: sealer.seal(secretId, value), expires_at: expiresAt };
  });
  await recordIntegration(db, row, secrets);
  return id;
}

/** What the integration has accepted before, at its times; and the partitions of those days. */
async function insertEarlier(
  db: Knex,
  { now, accepted_before = [] }: VectorCase,
  owner: string,
): Promise<void> {
  await ensurePartitions(db, new Date(now * 1000), 0);
  const rows = accepted_before.map(({ id, at }) => ({
    owner,
    dedupe_id: id,
    event_id: makeId('evt', new Date(at * 1000)),
    accepted_at: new Date(at * 1000),
  }));
  if (rows.length > 0) await db('dedupe_keys').insert(rows);
}

/** What came to lie in the table, read as triggers read it; of a duplicate nothing does. */
async function readStored(
  db: Knex,
  integrationId: string,
): Promise<Pick<VectorEvent, 'payload' | 'raw'>> {
  const row = await db('events').where({ integration_id: integrationId }).first();
  if (!row) return { payload: undefined, raw: '' };
  const { body } = scopeOf(row, { attempt: 1, isReplay: false });
  const stored = [JSON.stringify(row.headers), row.query, row.body.toString('latin1')];
  return { payload: body, raw: [...stored, row.body.toString('utf8')].join('\n') };
}
