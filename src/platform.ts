import { fileURLToPath } from 'node:url';
import type { Client } from '@temporalio/client';
import type { Knex } from 'knex';
import type { Logger } from 'pino';
import { sendRequest } from '../activities/attempt-request.ts';
import type { RequestParts, Sending } from '../activities/attempt-request.ts';
import { makeTurns } from '../activities/attempt-turn.ts';
import type { Turns } from '../activities/attempt-turn.ts';
import { makeHttpClient } from '../activities/http.ts';
import { makeActivities } from '../activities/index.ts';
import { makeTokens } from '../activities/oauth-tokens.ts';
import { makeApp } from '../server/app.ts';
import { listen } from '../server/listen.ts';
import { makeLive } from '../server/live.ts';
import type { Retention } from './domain/retention.ts';
import { openIngress } from './ingress-parts.ts';
import { makeAckTokens } from './runtime/ack-token.ts';
import { publicUrlOf } from './runtime/config.ts';
import type { Config } from './runtime/config.ts';
import { makeDeliveryLines } from './runtime/delivery-lines.ts';
import { makeEgress } from './runtime/egress.ts';
import { countFailedWorkflows } from './runtime/failed-workflows.ts';
import { makeId } from './runtime/ids.ts';
import { openOutbox } from './runtime/outbox.ts';
import { keepMaintenanceSchedule } from './runtime/maintenance-schedule.ts';
import { pokeDelivery } from './runtime/poke-deliveries.ts';
import { makePokeReplay } from './runtime/poke-replay.ts';
import { makePublish } from './runtime/publish.ts';
import { makeQuotas } from './runtime/quotas.ts';
import { makeRecorder } from './runtime/recorder.ts';
import { makeSealer } from './runtime/sealing.ts';
import { ownUrl, sendSigned } from './runtime/senders/send.ts';
import { makeEndpointSecret } from './runtime/signature.ts';
import { makeStarter } from './runtime/starter.ts';
import { readSystemStatus, unlessAway } from './runtime/system-status.ts';
import { openClient, runWorkers } from './runtime/temporal.ts';
import { watchTriggerFolder } from './runtime/trigger-folder-watch.ts';
import type { TriggerFolderWatch } from './runtime/trigger-folder-watch.ts';
import { makeTriggerSync } from './runtime/trigger-sync.ts';
import { watchTriggers } from './runtime/trigger-watch.ts';
import { recordAttempts } from './store/attempts.ts';
import { openDatabase } from './store/database.ts';
import { defaultTenantName, ensureTenant } from './store/tenants.ts';
import { makeGroupCommit } from './store/group-commit.ts';
import { version } from './runtime/version.ts';

/** A running part of the platform. */
export interface Running {
  close(): Promise<void>;
}

/** How attempts and test events introduce themselves. */
const userAgent = `Durahook/${version}`;

/** Connections per pool: ingress, API and activities have one each, so that one can't starve another. */
const poolConnections = 10;

export interface ServerOptions {
  readonly config: Config;
  readonly log: Logger;
  /** Replaces the clock of the ingress; checks of recorded requests use it. */
  readonly now?: () => Date;
}

/** HTTP in: ingress and API. Any number of them may run. */
export async function startServer(
  options: ServerOptions,
): Promise<Running & { readonly port: number }> {
  const { config, log, now = () => new Date() } = options;
  const core = await openCore(config, log);
  const apiDb = openDatabase({ url: config.DATABASE_URL, connectionsMax: poolConnections });
  const { db, starter, recorder, sealer, publish, egress, client, triggers } = core;
  const folder = await followTriggerFiles(core, { config, log });
  const outbox = openOutbox({ ...core, log, probeIntervalMs: config.PROBE_INTERVAL });
  const ingress = openIngress({ db, config, log, now, sealer, recorder, starter, triggers });
  const http = makeHttpClient(egress); // For test events; deliveries are the worker's.
  const live = makeLive({ db: apiDb, log });
  const own = { port: config.PORT }; // Known once it listens, where 0 was asked for.
  const app = makeApp({
    db: apiDb,
    live,
    log,
    now,
    publish,
    quotas: makeQuotas({ db: apiDb, log, now, usual: config.QUOTA_EVENTS_PER_MINUTE }),
    sealer,
    sendTestRequest: (path, request) =>
      sendSigned(`${ownUrl(config.HOST, own.port)}${path}`, request),
    sendTest: makeTestSender({ db: apiDb, sealer, http }, config),
    ...settingsOf(config),
    onIntegrationChange: ingress.forgetIntegrations,
    onTriggersChange: () => triggers.reload(),
    refuseUrl: egress.refuseTarget,
    wake: () => outbox.wake(),
    pokeReplay: makePokeReplay(client, log),
    readSystem: () => readSystemStatus(apiDb, config),
    countFailedWorkflows: (tenantId) => unlessAway(countFailedWorkflows(client, tenantId)),
    checks: checksOf(apiDb, client),
    ingress: ingress.receive,
    release: ingress.release,
  });
  const server = await listen(app, { host: config.HOST, port: config.PORT });
  own.port = server.port;
  return {
    port: server.port,
    async close() {
      await live.close();
      await server.close();
      await Promise.all([http.close(), ingress.close(), folder.close()]);
      await outbox.close();
      await starter.close();
      await Promise.all([core.close(), apiDb.destroy()]);
    },
  };
}

/** Sends test events as attempts are sent. */
function makeTestSender(
  parts: Pick<RequestParts, 'db' | 'sealer' | 'http'>,
  { DELIVERY_TIMEOUT: timeoutMs }: Config,
): (test: Omit<Sending, 'number' | 'isTest'>) => ReturnType<typeof sendRequest> {
  const all = { ...parts, tokens: makeTokens(parts.http), timeoutMs, userAgent };
  return (test) => sendRequest(all, { ...test, number: 1, isTest: true });
}

/** The files are those of the tenant `default`: what they say fires here as soon as it is stored. */
async function followTriggerFiles(
  {
    db,
    egress,
    triggers,
  }: Pick<Awaited<ReturnType<typeof openCore>>, 'db' | 'egress' | 'triggers'>,
  { config, log }: { config: Config; log: Logger },
): Promise<TriggerFolderWatch> {
  const dir = config.TRIGGERS_DIR;
  const { id: tenantId } = await ensureTenant(db, defaultTenantName, makeId('ten'));
  const { refuseTarget: refuseUrl } = egress;
  const sync = makeTriggerSync(db, { dir, tenantId, refuseUrl }, log);
  const onChange = async (): Promise<void> => {
    await sync();
    await triggers.reload();
  };
  return watchTriggerFolder({ dir, log, onChange });
}

/** What the HTTP application takes from the configuration as it is. */
function settingsOf(config: Config) {
  const origin = config.TEMPORAL_UI_ORIGIN;
  return {
    schedule: config.DELIVERY_SCHEDULE,
    timeoutMs: config.DELIVERY_TIMEOUT,
    userAgent,
    makeEndpointSecret,
    toleranceS: config.TIMESTAMP_TOLERANCE,
    retention: retentionOf(config),
    publicUrl: publicUrlOf(config),
    temporalUi: origin === undefined ? undefined : { origin },
    consoleFolder,
    loginSecret: config.MASTER_KEY,
    ackTokens: makeAckTokens(config.MASTER_KEY, publicUrlOf(config)),
  };
}

function retentionOf(config: Config): Retention {
  return { payloadsMs: config.RETENTION_PAYLOADS, metadataMs: config.RETENTION_METADATA };
}

/** Workflows and activities. Any number of them may run. */
export async function startWorker(
  config: Config,
  log: Logger,
): Promise<Running & { readonly ready: Promise<void> }> {
  const core = await openCore(config, log);
  const { db, client, starter, sealer, publish, egress } = core;
  const http = makeHttpClient(egress);
  const activities = makeActivities({
    db,
    client,
    starter,
    sealer,
    publish,
    http,
    tokens: makeTokens(http),
    timeoutMs: config.DELIVERY_TIMEOUT,
    userAgent,
    refuseUrl: (raw) => egress.refuseUrl(raw),
    ackTokens: makeAckTokens(config.MASTER_KEY, publicUrlOf(config)),
    record: makeGroupCommit(recordAttempts.bind(null, db)),
    lines: makeDeliveryLines({ db, starter, log }),
    turns: turnsOf(core, { config, log }),
    agentUrl: config.AGENT_URL,
    publicUrl: publicUrlOf(config),
    retention: retentionOf(config),
    sessionIdleMs: config.SESSION_IDLE,
    log,
  });
  const everyMs = config.MAINTENANCE_INTERVAL;
  const schedule = keepMaintenanceSchedule(client, { everyMs, log });
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
      await Promise.all([workers.close(), schedule.close()]);
      await starter.close();
      await http.close();
      await core.close();
    },
  };
}

/** The turns of deliveries to endpoints with a limit. */
function turnsOf(
  { db, client }: Pick<Awaited<ReturnType<typeof openCore>>, 'client' | 'db'>,
  { config, log }: { config: Config; log: Logger },
): Turns {
  return makeTurns({
    db,
    timeoutMs: config.DELIVERY_TIMEOUT,
    poke: ({ id, cycle }) => pokeDelivery({ client, log }, { delivery_id: id, cycle }),
  });
}

/** The same file under tsx and in the build, each with its extension. */
const workflowsPath = fileURLToPath(
  new URL(`../workflows/index.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url),
);

/** Where the build puts the console: beside the compiled files. */
const consoleFolder = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../dist/console' : '../console', import.meta.url),
);

/** What server and worker both stand on. */
async function openCore(config: Config, log: Logger) {
  const db = openDatabase({ url: config.DATABASE_URL, connectionsMax: poolConnections });
  const triggers = await watchTriggers(db, log);
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
    triggers,
    sealer: makeSealer(config.MASTER_KEY),
    egress: makeEgress(config.EGRESS_ALLOW),
    publish: makePublish({ db, recorder, starter, triggers }),
    async close() {
      triggers.close();
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
