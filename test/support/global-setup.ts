import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startPostgres } from '../../src/embedded/postgres.ts';
import { findTemporalBinary } from '../../src/embedded/temporal-binary.ts';
import { readDevEnvironment } from '../../src/runtime/config.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    databaseUrl: string;
    temporalBinary: string;
  }
}

/** One PostgreSQL for the whole run (a database per test file), and the Temporal program. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'durahook-test-'));
  const report = (line: string): void => void process.stdout.write(`${line}\n`);
  const binary = await findTemporalBinary({ ...readDevEnvironment(), report });
  const postgres = await startPostgres({ dataDir: join(folder, 'postgres'), isDurable: false });
  project.provide('databaseUrl', postgres.url);
  project.provide('temporalBinary', binary);
  return async () => {
    await postgres.remove();
    await rm(folder, { recursive: true, force: true });
  };
}
