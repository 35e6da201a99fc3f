import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import pc from 'picocolors';
import { startDevStack } from './dev-stack.ts';
import { confirmReset, findRunning } from './embedded/dev-folder.ts';
import { untilSignal } from './runtime/signals.ts';

/** Everything on this machine: PostgreSQL, Temporal, server, worker, a demo agent and receiver. */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { reset: { type: 'boolean', default: false } } });
  const folder = resolve('.durahook');
  const running = await findRunning(folder);
  if (running) {
    throw new Error(
      `Durahook already runs from this folder: ${running.url} (process ${running.pid}); stop it first`,
    );
  }
  if (values.reset && !(await confirmReset(folder))) return;
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  const signal = untilSignal();
  const stack = await startDevStack({ folder, isReset: values.reset, say });
  await signal;
  say('Stopping …');
  await stack.close();
  say('Stopped; the data stay. Start again with: npm run dev');
}

main().catch((error: unknown) => {
  process.stderr.write(
    `${pc.red('Cannot start:')} ${error instanceof Error ? error.message : String(error)}\n`,
  );
  process.exitCode = 1;
});
