import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** What is made from the sources, or belongs to this checkout alone. */
const leftOut: readonly string[] = ['.git', '.durahook', 'dist', 'node_modules'];

/** A copy of the project in which a test may write, with the same packages. */
export interface ProjectCopy {
  readonly folder: string;
  remove(): Promise<void>;
}

export async function copyProject(): Promise<ProjectCopy> {
  const folder = await mkdtemp(join(tmpdir(), 'durahook-project-'));
  const names = (await readdir('.')).filter((name) => !leftOut.includes(name));
  for (const name of names) await cp(name, join(folder, name), { recursive: true });
  await symlink(resolve('node_modules'), join(folder, 'node_modules'));
  // Newer than its sources: it is not built again, and nobody opens it.
  await mkdir(join(folder, 'dist/console'), { recursive: true });
  await writeFile(join(folder, 'dist/console/index.html'), '');
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}
