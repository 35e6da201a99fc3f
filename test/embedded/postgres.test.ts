import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { commandOf } from '../../src/embedded/child-process.ts';
import { startPostgres } from '../../src/embedded/postgres.ts';
import type { EmbeddedPostgres, PostgresOptions } from '../../src/embedded/postgres.ts';

const isRoot = process.getuid?.() === 0;
let folder: string;
let opened: EmbeddedPostgres[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'durahook postgres-')); // With a blank, as in "My Documents".
  await chmod(folder, 0o755);
  opened = [];
});

afterEach(async () => {
  for (const postgres of opened) await postgres.remove();
  await rm(folder, { recursive: true, force: true });
});

async function start(options: Partial<PostgresOptions> = {}): Promise<EmbeddedPostgres> {
  const postgres = await startPostgres({
    dataDir: join(folder, 'data'),
    isDurable: false,
    ...options,
  });
  opened.push(postgres);
  return postgres;
}

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

describe('startPostgres()', () => {
  test('keeps data, password and port between starts, also durable ones', async () => {
    const first = await start();
    await query(first.url, 'create table kept as select 42 as answer');
    await first.stop();
    await first.stop(); // Twice does no harm.
    const second = await start({ isDurable: true });
    expect(second.url).toBe(first.url);
    expect(await query(second.url, 'select answer from kept')).toEqual([{ answer: 42 }]);
    expect(await query(second.url, 'show fsync')).toEqual([{ fsync: 'on' }]);
    expect(await query(second.url, 'show listen_addresses')).toEqual([
      { listen_addresses: '127.0.0.1' },
    ]);
    expect((await stat(join(folder, 'data.json'))).mode & 0o777).toBe(0o600);
  });

  test('stops the one that a killed process left behind, and has its data', async () => {
    const script = join(folder, 'starts.mts');
    const module = new URL('../../src/embedded/postgres.ts', import.meta.url).href;
    const options = JSON.stringify({ dataDir: join(folder, 'data'), isDurable: true });
    await writeFile(
      script,
      `import { startPostgres } from '${module}';
       const { url, pid } = await startPostgres(${options});
       console.log(JSON.stringify({ url, pid }));
       setInterval(() => {}, 1000);`,
    );
    const child = spawn(process.execPath, ['--import', 'tsx', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    const orphan = JSON.parse(line) as { url: string; pid: number };
    await query(orphan.url, 'create table kept as select 42 as answer');
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(commandOf(orphan.pid)).not.toBe('');

    const said: string[] = [];
    const postgres = await start({ log: (text) => void said.push(text) });
    expect(said).toEqual([
      `Stopping the PostgreSQL that an earlier start left behind (process ${orphan.pid})`,
    ]);
    expect(commandOf(orphan.pid)).toBe('');
    expect(await query(postgres.url, 'select answer from kept')).toEqual([{ answer: 42 }]);
  });

  test('leaves a process alone that was given the id of an earlier PostgreSQL', async () => {
    const first = await start();
    await first.stop();
    const other = spawn('sleep', ['60'], { stdio: 'ignore' });
    try {
      await writeFile(join(folder, 'data/postmaster.pid'), `${other.pid}\n${folder}/data\n`);
      const second = await start();
      expect(await query(second.url, 'select 1 as one')).toEqual([{ one: 1 }]);
      expect(other.exitCode ?? other.signalCode).toBeNull();
    } finally {
      other.kill();
    }
  });

  test('names the port that is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    try {
      await expect(start({ port })).rejects.toThrow(
        `Port ${port} for PostgreSQL is taken: name another, or leave it out`,
      );
    } finally {
      server.close();
    }
  });

  test('refuses data whose password is lost, and leaves them as they are', async () => {
    const first = await start();
    await query(first.url, 'create table kept as select 42 as answer');
    await first.stop();
    const settings = await readFile(join(folder, 'data.json'), 'utf8');
    await rm(join(folder, 'data.json'));
    await expect(start()).rejects.toThrow('The password for the data in');
    await writeFile(join(folder, 'data.json'), settings);
    const again = await start();
    expect(await query(again.url, 'select answer from kept')).toEqual([{ answer: 42 }]);
  });

  test.runIf(isRoot)('keeps data elsewhere under a folder that only root may enter', async () => {
    await chmod(folder, 0o700);
    const first = await start();
    try {
      expect(first.dataDir).not.toBe(join(folder, 'data'));
      const note = await readFile(join(folder, 'data.is-elsewhere.txt'), 'utf8');
      expect(note.trim()).toBe(first.dataDir);
      await first.stop();
      await chmod(folder, 0o755); // Opened later: the data stay where they are.
      const second = await start();
      expect(second.dataDir).toBe(first.dataDir);
      await second.stop();
      await rm(first.dataDir, { recursive: true }); // As a reset does.
      expect((await start()).url).toContain('@127.0.0.1:');
    } finally {
      for (const postgres of opened) await postgres.stop();
      await rm(dirname(first.dataDir), { recursive: true });
    }
  });
});
