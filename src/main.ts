import type { Knex } from 'knex';
import { makeLoginLink } from '../server/login-link.ts';
import { startServer, startWorker } from './platform.ts';
import type { Running } from './platform.ts';
import { environment, publicUrlOf, readConfig } from './runtime/config.ts';
import type { Config } from './runtime/config.ts';
import { openApiKey, openIntegrations } from './runtime/first-setup.ts';
import { makeId } from './runtime/ids.ts';
import { makeLog } from './runtime/log.ts';
import { makeSealer } from './runtime/sealing.ts';
import { quotaUsage, setQuota } from './runtime/set-quota.ts';
import { untilSignal } from './runtime/signals.ts';
import { installTemporalLog } from './runtime/temporal.ts';
import { migrate, openDatabase } from './store/database.ts';
import { defaultTenantName, ensureTenant } from './store/tenants.ts';

const usage = `Durahook needs a role:

  npm start -- server    ingress and API, any number of them
  npm start -- worker    workflows and activities, any number of them
  npm start -- all       both in one process
  npm start -- migrate   bring the database up to date, then end
  npm start -- setup     make an API key and the first integrations, print them, then end
  ${quotaUsage}
                         how much a tenant may publish, then end

  npm run dev            everything on this machine, nothing else needed
`;

const roles = ['server', 'worker', 'all', 'migrate', 'setup', 'quota'];

async function main([role, ...words]: readonly string[]): Promise<number> {
  if (role === undefined || !roles.includes(role)) {
    process.stderr.write(usage);
    return 2;
  }
  const config = readConfig(environment());
  const log = makeLog(config.LOG_LEVEL);
  const loginUrl = await prepare(config, role, words);
  const running: Running[] = [];
  if (role === 'server' || role === 'all') {
    running.push(await startServer({ config, log }));
    log.info(`Listening on ${config.HOST}:${config.PORT}`);
    // For the person who starts it, not for the log: whoever has it is logged in.
    process.stderr.write(`Log in, once: ${loginUrl}\n`);
  }
  if (role === 'worker' || role === 'all') {
    installTemporalLog(log);
    running.push(await startWorker(config, log));
  }
  if (running.length > 0) await untilSignal();
  for (const part of running.toReversed()) await part.close();
  return 0;
}

/**
 * The schema for every role; the tenant for those that answer senders.
 *
 * @returns a login link for a server's start; empty for the other roles
 */
async function prepare(config: Config, role: string, words: readonly string[]): Promise<string> {
  const db = openDatabase({ url: config.DATABASE_URL, connectionsMax: 1 });
  try {
    await migrate(db, new Date());
    if (role === 'worker' || role === 'migrate') return '';
    const { id: tenantId } = await ensureTenant(db, defaultTenantName, makeId('ten'));
    if (role === 'setup' || role === 'quota') {
      const isSetup = role === 'setup';
      process.stdout.write(await (isSetup ? setUp(db, config, tenantId) : setQuota(db, words)));
      return '';
    }
    const options = { tenantId, actor: 'start', publicUrl: publicUrlOf(config), now: new Date() };
    return (await makeLoginLink(db, options)).url;
  } finally {
    await db.destroy();
  }
}

/** What a new installation needs and can't make through the API: shown once, stored sealed. */
async function setUp(db: Knex, config: Config, tenantId: string): Promise<string> {
  const parts = { db, sealer: makeSealer(config.MASTER_KEY), earlierApiKey: undefined };
  const apiKey = await openApiKey(parts, tenantId);
  const integrations = await openIntegrations(parts, tenantId);
  const lines = Object.entries(integrations).map(([channel, { id, secrets }]) => {
    const shown = Object.entries(secrets).map(([kind, value]) => `${kind} ${value}`);
    return `${channel}: /v1/webhook/${channel}/${id} ${shown.join(' ')}`;
  });
  return `${[`API key: ${apiKey}`, ...lines].join('\n')}\n`;
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  },
);
