import { environment, readConfig } from './runtime/config.ts';
import { makeLog } from './runtime/log.ts';
import { installTemporalLog } from './runtime/temporal.ts';
import { makeLoginTokens } from '../server/login.ts';
import { startServer, startWorker } from './platform.ts';
import type { Running } from './platform.ts';
import { migrate, openDatabase } from './store/database.ts';
import { untilSignal } from './runtime/signals.ts';

const usage = `Durahook needs a role:

  npm start -- server    ingress and API, any number of them
  npm start -- worker    workflows and activities, any number of them
  npm start -- all       both in one process
  npm start -- migrate   bring the database up to date, then end

  npm run dev            everything on this machine, nothing else needed
`;

async function main(role: string | undefined): Promise<number> {
  if (role === undefined || !['server', 'worker', 'all', 'migrate'].includes(role)) {
    process.stderr.write(usage);
    return 2;
  }
  const config = readConfig(environment());
  const log = makeLog(config.LOG_LEVEL);
  const db = openDatabase({ url: config.DATABASE_URL, connectionsMax: 1 });
  await migrate(db, new Date());
  await db.destroy();
  const running: Running[] = [];
  if (role === 'worker' || role === 'all') {
    installTemporalLog(log);
    running.push(await startWorker(config, log));
  }
  if (role === 'server' || role === 'all') {
    running.push(await startServer({ config, log, loginTokens: makeLoginTokens() }));
    log.info(`Listening on ${config.HOST}:${config.PORT}`);
  }
  if (running.length > 0) await untilSignal();
  for (const part of running.toReversed()) await part.close();
  return 0;
}

main(process.argv[2]).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  },
);
