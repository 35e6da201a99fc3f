import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** The version in package.json, two folders up from here and three from the build. */
export const version = readVersion(['../../package.json', '../../../package.json']);

function readVersion(paths: readonly string[]): string {
  for (const path of paths) {
    try {
      const text = readFileSync(new URL(path, import.meta.url), 'utf8');
      return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
    } catch {
      continue; // Not at this depth.
    }
  }
  throw new Error('Cannot find package.json beside the program');
}
