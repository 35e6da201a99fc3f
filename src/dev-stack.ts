import { join } from 'node:path';
import type { Logger } from 'pino';
import pc from 'picocolors';
import { makeLoginLink } from '../server/login-link.ts';
import { buildConsole } from './embedded/console-build.ts';
import { startDemoAgent } from './embedded/demo-agent.ts';
import { startDemoReceiver } from './embedded/demo-receiver.ts';
import type { DemoDelivery } from './embedded/demo-receiver.ts';
import { tellDemoStory } from './embedded/demo-story.ts';
import { openDemoTenant } from './embedded/demo-tenant.ts';
import type { DemoTenant } from './embedded/demo-tenant.ts';
import type { DevFile } from './embedded/dev-folder.ts';
import { openMasterKey, readDevFile, removeFolder, writeDevFile } from './embedded/dev-folder.ts';
import { welcome } from './embedded/dev-screen.ts';

import { choosePlatformPort } from './embedded/child-process.ts';
import { startPostgres } from './embedded/postgres.ts';
import type { EmbeddedPostgres } from './embedded/postgres.ts';
import { findTemporalBinary } from './embedded/temporal-binary.ts';
import { startTemporal } from './embedded/temporal-server.ts';
import { startServer, startWorker } from './platform.ts';
import type { Running } from './platform.ts';
import { environment, readConfig, readDevEnvironment } from './runtime/config.ts';
import type { Config } from './runtime/config.ts';
import { makeLog } from './runtime/log.ts';
import { makeSealer } from './runtime/sealing.ts';
import { searchAttributeTypes } from './runtime/search-attributes.ts';
import { installTemporalLog } from './runtime/temporal.ts';
import { migrate, openDatabase } from './store/database.ts';

export interface DevStackOptions {
  /** Where everything is kept between starts. */
  readonly folder: string;
  readonly isReset: boolean;
  readonly say: (line: string) => void;
}

/** Start all parts, tell the demo story, print what a newcomer needs. What fails stops the rest again. */
export async function startDevStack(options: DevStackOptions): Promise<Running> {
  const parts: Running[] = [];
  const close = async (): Promise<void> => {
    for (const part of parts.toReversed()) await part.close();
  };
  try {
    await startParts(options, parts);
    return { close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function startParts(options: DevStackOptions, parts: Running[]): Promise<void> {
  const { folder, say } = options;
  const startedAt = performance.now();
  const port = await choosePlatformPort(environment()['PORT']);
  await buildConsole(say);
  const { postgres, temporal } = await startServices(options, parts);
  const demo = await startDemo(parts);
  const config = await devConfig(folder, {
    DATABASE_URL: postgres.url,
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_UI_ORIGIN: temporal.uiUrl,
    AGENT_URL: demo.agentUrl,
    PORT: String(port),
  });
  const log = makeLog(config.LOG_LEVEL);
  const { receiverUrl } = demo;
  const { tenant, loginUrl } = await prepare(folder, { config, receiverUrl });
  demo.useSecret(tenant.endpointSecret);
  demo.useApiKey(tenant.apiKey);
  await startPlatform({ config, log }, parts);
  say(pc.dim(`All parts up in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`));

  const url = `http://127.0.0.1:${port}`;
  const integrations = addressesOf(url, tenant);
  await writeDevFile(folder, {
    url,
    api_key: tenant.apiKey,
    tenant_id: tenant.tenantId,
    database_url: postgres.url,
    temporal_address: temporal.address,
    temporal_ui: `${url}/temporal/`,
    receiver_url: receiverUrl,
    pid: process.pid,
    integrations,
  });
  const { github } = tenant.integrations;
  await tellDemoStory({ url, apiKey: tenant.apiKey, github, received: demo.received }, say);
  say(welcome({ url, folder, dataDir: postgres.dataDir, loginUrl, integrations }));
}

/** The demo agent, and the demo receiver, which verifies once it knows the endpoint's secret. */
async function startDemo(parts: Running[]) {
  const received: DemoDelivery[] = [];
  let secret: string | undefined;
  const receiver = await startDemoReceiver({
    secret: () => secret,
    onDelivery: (delivery) => void received.push(delivery),
  });
  parts.push(receiver);
  let apiKey: string | undefined;
  const agent = await startDemoAgent({ apiKey: () => apiKey });
  parts.push(agent);
  return {
    received,
    receiverUrl: receiver.url,
    agentUrl: agent.url,
    useSecret: (endpointSecret: string) => (secret = endpointSecret),
    useApiKey: (key: string) => (apiKey = key),
  };
}

/** Worker first: what the server accepts is then worked on at once. */
async function startPlatform(
  { config, log }: { config: Config; log: Logger },
  parts: Running[],
): Promise<void> {
  installTemporalLog(log);
  const worker = await startWorker(config, log);
  parts.push(worker);
  await worker.ready; // Bundling the workflows keeps the process busy: nobody should wait behind it.
  parts.push(await startServer({ config, log }));
}

/** PostgreSQL and Temporal, at the same time. */
async function startServices({ folder, isReset, say }: DevStackOptions, parts: Running[]) {
  const given = readDevEnvironment();
  let postgres = await startPostgres({ dataDir: join(folder, 'postgres'), isDurable: true });
  if (isReset) {
    postgres = await startOver(folder, postgres);
  }
  parts.push({ close: () => postgres.stop() });
  if (given.temporalAddress !== undefined) {
    return { postgres, temporal: { address: given.temporalAddress, uiUrl: undefined } };
  }
  const binary = await findTemporalBinary({ ...given, report: say });
  const temporal = await startTemporal({
    binary,
    dbFile: join(folder, 'temporal.db'),
    searchAttributes: searchAttributeTypes(),
  });
  parts.push({ close: () => temporal.stop() });
  return { postgres, temporal };
}

async function startOver(folder: string, postgres: EmbeddedPostgres): Promise<EmbeddedPostgres> {
  await postgres.remove();
  await removeFolder(folder);
  return startPostgres({ dataDir: join(folder, 'postgres'), isDurable: true });
}

async function devConfig(
  folder: string,
  own: Readonly<Record<string, string | undefined>>,
): Promise<Config> {
  const defaults = {
    MASTER_KEY: await openMasterKey(folder),
    EGRESS_ALLOW: '127.0.0.0/8,::1/128',
    LOG_LEVEL: 'warn',
  };
  return readConfig({ ...defaults, ...environment(), ...own });
}

/** Schema, tenant and a login link. */
async function prepare(
  folder: string,
  { config, receiverUrl }: { config: Config; receiverUrl: string },
): Promise<{ tenant: DemoTenant; loginUrl: string }> {
  const db = openDatabase({ url: config.DATABASE_URL, connectionsMax: 2 });
  try {
    await migrate(db, new Date());
    const earlierApiKey = (await readDevFile(folder))?.api_key;
    const sealer = makeSealer(config.MASTER_KEY);
    const tenant = await openDemoTenant({ db, sealer, earlierApiKey, receiverUrl });
    const publicUrl = config.PUBLIC_URL ?? `http://127.0.0.1:${config.PORT}`;
    const options = { tenantId: tenant.tenantId, actor: 'start', publicUrl, now: new Date() };
    return { tenant, loginUrl: (await makeLoginLink(db, options)).url };
  } finally {
    await db.destroy();
  }
}

function addressesOf(url: string, { integrations }: DemoTenant): DevFile['integrations'] {
  return Object.fromEntries(
    Object.entries(integrations).map(([channel, integration]) => {
      const { id, receiveId, ...settings } = integration;
      const [secret = ''] = Object.values(settings.secrets);
      const address = `${url}/v1/webhook/${channel}/${id}`;
      return [channel, { url: address, secret, ...settings, receive_id: receiveId }];
    }),
  );
}
