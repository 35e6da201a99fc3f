import { fileURLToPath } from 'node:url';
import type { Client } from '@temporalio/client';
import type { Knex } from 'knex';
import type { Logger } from 'pino';
import { makeHttpClient } from '../activities/http.ts';
import { makeActivities } from '../activities/index.ts';
import { makeApp } from '../server/app.ts';
import type { LoginTokens } from '../server/login.ts';
import { listen } from '../server/listen.ts';
import { openIngress } from './ingress-parts.ts';
import { publicUrlOf } from './runtime/config.ts';
import type { Config } from './runtime/config.ts';
import { makeEgress } from './runtime/egress.ts';
import { makePublish } from './runtime/publish.ts';
import { makeRecorder } from './runtime/recorder.ts';
import { makeSealer } from './runtime/sealing.ts';
import { makeEndpointSecret } from './runtime/signature.ts';
import { makeStarter } from './runtime/starter.ts';
import { makeSweeper } from './runtime/sweeper.ts';
import { openClient, runWorkers } from './runtime/temporal.ts';
import { watchTriggers } from './runtime/trigger-watch.ts';
import { recordAttempts } from './store/attempts.ts';
import { openDatabase } from './store/database.ts';
import { makeGroupCommit } from './store/group-commit.ts';
import { version } from './runtime/version.ts';

/** A running part of the platform. */
export interface Running {
  close(): Promise<void>;
}

/** Connections per pool: ingress, API and activities have one each, so that one can't starve another. */
const poolConnections = 10;

export interface ServerOptions {
  readonly config: Config;
  readonly log: Logger;
  readonly loginTokens: LoginTokens;
  /** Replaces the clock of the ingress; checks of recorded requests use it. */
  readonly now?: () => Date;
}

/** HTTP in: ingress and API. Any number of them may run. */
export async function startServer(
  options: ServerOptions,
): Promise<Running & { readonly port: number }> {
  const { config, log, now = () => new Date() } = options;
  const core = openCore(config, log);
  const apiDb = openDatabase({ url: config.DATABASE_URL, connectionsMax: poolConnections });
  const { db, starter, recorder, sealer, publish, egress, client } = core;
  const triggers = await watchTriggers(db, log);
  const sweeper = makeSweeper({ db, starter, log });
  const ingress = openIngress({ db, config, log, now, sealer, recorder, starter, triggers });
  const app = makeApp({
    db: apiDb,
    log,
    now,
    publish,
    sealer,
    makeEndpointSecret,
    toleranceS: config.TIMESTAMP_TOLERANCE,
    publicUrl: publicUrlOf(config),
    onIntegrationChange: ingress.forgetIntegrations,
    refuseUrl: (raw) => egress.refuseUrl(raw),
    wake: () => sweeper.wake(),
    checks: checksOf(apiDb, client),
    temporalUi:
      config.TEMPORAL_UI_ORIGIN === undefined ? undefined : { origin: config.TEMPORAL_UI_ORIGIN },
    loginSecret: config.MASTER_KEY,
    loginTokens: options.loginTokens,
    ingress: ingress.receive,
    release: ingress.release,
  });
  const server = await listen(app, { host: config.HOST, port: config.PORT });
  return {
    port: server.port,
    async close() {
      await server.close();
      await ingress.close();
      triggers.close();
      await sweeper.close();
      await starter.close();
      await Promise.all([core.close(), apiDb.destroy()]);
    },
  };
}

/** Workflows and activities. Any number of them may run. */
export async function startWorker(
  config: Config,
  log: Logger,
): Promise<Running & { readonly ready: Promise<void> }> {
  const core = openCore(config, log);
  const { db, client, starter, sealer, publish, egress } = core;
  const http = makeHttpClient(egress);
  const activities = makeActivities({
    db,
    client,
    starter,
    sealer,
    publish,
    http,
    timeoutMs: config.DELIVERY_TIMEOUT,
    userAgent: `Durahook/${version}`,
    record: makeGroupCommit(recordAttempts.bind(null, db)),
    agentUrl: config.AGENT_URL,
  });
  const workers = runWorkers({
    temporal: temporalOf(config),
    client,
    activities,
    workflowsPath,
    log,
  });
  return {
    ready: workers.ready,
    async close() {
      await workers.close();
      await starter.close();
      await http.close();
      await core.close();
    },
  };
}

/** The same file under tsx and in the build, each with its extension. */
const workflowsPath = fileURLToPath(
  new URL(`../workflows/index.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url),
);

/** What server and worker both stand on. */
function openCore(config: Config, log: Logger) {
  const db = openDatabase({ url: config.DATABASE_URL, connectionsMax: poolConnections });
  const client = openClient(temporalOf(config));
  const starter = makeStarter({
    db,
    client,
    log,
    schedule: config.DELIVERY_SCHEDULE,
    publicUrl: publicUrlOf(config),
  });
  const recorder = makeRecorder(db);
  return {
    db,
    client,
    starter,
    recorder,
    sealer: makeSealer(config.MASTER_KEY),
    egress: makeEgress(config.EGRESS_ALLOW),
    publish: makePublish({ db, recorder, starter }),
    async close() {
      await client.connection.close();
      await db.destroy();
    },
  };
}

function temporalOf(config: Config) {
  return {
    address: config.TEMPORAL_ADDRESS,
    namespace: config.TEMPORAL_NAMESPACE,
    apiKey: config.TEMPORAL_API_KEY,
  };
}

function checksOf(db: Knex, client: Client) {
  const isUp = (ask: () => Promise<unknown>) => () =>
    ask().then(
      () => true,
      () => false,
    );
  return [
    { name: 'postgresql', isUp: isUp(async () => db.raw('select 1')) },
    {
      name: 'temporal',
      isUp: isUp(() =>
        client.withDeadline(Date.now() + 2000, () => client.workflowService.getSystemInfo({})),
      ),
    },
  ];
}
