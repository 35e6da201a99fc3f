import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { z } from 'zod';
import { isAlive, writePrivateFile } from './child-process.ts';

/** What scripts and the CLI find in `.durahook/dev.json`. */
export const devFileSchema = z.object({
  url: z.string(),
  api_key: z.string(),
  tenant_id: z.string(),
  database_url: z.string(),
  temporal_address: z.string(),
  temporal_ui: z.string(),
  receiver_url: z.string(),
  pid: z.number(),
  integrations: z.record(
    z.string(),
    z.object({
      url: z.string(),
      /** The first of `secrets`. */
      secret: z.string(),
      /** By kind. */
      secrets: z.record(z.string(), z.string()),
      mode: z.enum(['native', 'platform', 'token']),
      scheme: z.string().nullable(),
      username: z.string().nullable(),
      receive_id: z.string().nullable(),
    }),
  ),
});

export type DevFile = z.infer<typeof devFileSchema>;

/** What the start before wrote, or `undefined`. */
export async function readDevFile(folder: string): Promise<DevFile | undefined> {
  const text = await readFile(join(folder, 'dev.json'), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const parsed = devFileSchema.safeParse(JSON.parse(text));
  return parsed.success ? parsed.data : undefined;
}

/** Readable by its owner only: it holds keys and secrets. A reader never sees half a file. */
export async function writeDevFile(folder: string, content: DevFile): Promise<void> {
  await writePrivateFile(join(folder, 'dev.json'), `${JSON.stringify(content, null, 2)}\n`);
}

/** The key under which secrets lie in the development database; made once. */
export async function openMasterKey(folder: string): Promise<string> {
  const path = join(folder, 'master.key');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  try {
    await writeFile(path, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  return (await readFile(path, 'utf8')).trim();
}

/** Ask before data are deleted, where there is a person to ask. */
export async function confirmReset(folder: string): Promise<boolean> {
  if (!process.stdin.isTTY) return true;
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question(
    `Delete all events, keys and settings in ${folder}? [y/N] `,
  );
  terminal.close();
  return /^y(es)?$/i.test(answer.trim());
}

/**
 * Whether a platform of this folder is up.
 *
 * @returns its address, or `undefined` when the process named in `dev.json` is gone or another
 */
export async function findRunning(folder: string): Promise<DevFile | undefined> {
  const earlier = await readDevFile(folder);
  if (!earlier || !isAlive(earlier.pid)) return undefined;
  const isUp = await fetch(`${earlier.url}/healthz`, { signal: AbortSignal.timeout(1000) }).then(
    ({ ok }) => ok,
    () => false,
  );
  return isUp ? earlier : undefined;
}

/** Delete everything that the development stack keeps. PostgreSQL and Temporal must be stopped. */
export async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}
