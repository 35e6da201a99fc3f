import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import { commandOf } from '../../src/embedded/child-process.ts';
import { startTemporal } from '../../src/embedded/temporal-server.ts';
import type { EmbeddedTemporal, TemporalOptions } from '../../src/embedded/temporal-server.ts';

const searchAttributes = [
  { name: 'DurahookTenant', type: 'Keyword' },
  { name: 'DurahookAttempt', type: 'Int' },
] as const;
let folder: string;
let opened: EmbeddedTemporal[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'durahook temporal-'));
  opened = [];
});

afterEach(async () => {
  for (const temporal of opened) await temporal.stop();
  await rm(folder, { recursive: true, force: true });
});

async function start(options: Partial<TemporalOptions> = {}): Promise<EmbeddedTemporal> {
  const temporal = await startTemporal({
    binary: inject('temporalBinary'),
    searchAttributes,
    ...options,
  });
  opened.push(temporal);
  return temporal;
}

async function attributesOf({ address }: EmbeddedTemporal): Promise<string[]> {
  const connection = await Connection.connect({ address });
  try {
    const { customAttributes } = await connection.operatorService.listSearchAttributes({
      namespace: 'default',
    });
    return Object.keys(customAttributes ?? {}).filter((name) => name.startsWith('Durahook'));
  } finally {
    await connection.close();
  }
}

describe('startTemporal()', () => {
  test('runs two at once, each with the search attributes and a Web UI', async () => {
    const [one, two] = await Promise.all([start(), start()]);
    expect(one.address).not.toBe(two.address);
    expect((await attributesOf(one)).toSorted()).toEqual(['DurahookAttempt', 'DurahookTenant']);
    expect((await fetch(`${two.uiUrl}/temporal/`)).status).toBe(200);
    await one.stop();
    await one.stop(); // Twice does no harm.
    expect(commandOf(one.pid)).toBe('');
    expect(await attributesOf(two)).toHaveLength(2);
  });

  test('stops the one that an earlier start left behind, and keeps its ports', async () => {
    const dbFile = join(folder, 'deep', 'temporal.db');
    const orphan = await start({ dbFile });
    const next = await start({ dbFile });
    expect(commandOf(orphan.pid)).toBe('');
    expect(next).toMatchObject({ address: orphan.address, uiUrl: orphan.uiUrl });
    expect(next.pid).not.toBe(orphan.pid);
  });

  test.each([
    ['port', 'Temporal'],
    ['uiPort', 'the Temporal Web UI'],
  ])('names the %s that is taken', async (option, name) => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    try {
      await expect(start({ [option]: port })).rejects.toThrow(`Port ${port} for ${name} is taken`);
    } finally {
      server.close();
    }
  });

  test('shows the end of the log of a server that does not start', async () => {
    const binary = join(folder, 'temporal');
    await writeFile(binary, '#!/bin/sh\necho "unknown flag" >&2\nexit 1\n');
    await chmod(binary, 0o755);
    await expect(start({ binary })).rejects.toThrow(
      'Temporal did not start; the end of its log:\nunknown flag',
    );
  });
});
