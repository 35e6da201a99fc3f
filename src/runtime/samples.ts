import { readdir, readFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { parse } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nearest } from '../domain/nearest.ts';

/** A recorded body of a provider, without headers. */
export interface Sample {
  /** The file's name without extension: `pull_request.draft`. */
  readonly name: string;
  readonly contentType: string;
  readonly body: Buffer;
}

/**
 * Read a sample of a channel.
 *
 * @throws Error naming the nearest sample, or those there are
 */
export async function readSample(channel: string, name: string): Promise<Sample> {
  const files = await listFiles(channel);
  const file = files.find((candidate) => parse(candidate).name === name);
  if (file === undefined) throw unknownSample(name, channel, files);
  const body = await readFile(new URL(`${channel}/${file}`, samplesUrl()));
  return { name, contentType: contentTypes.get(parse(file).ext) ?? 'text/plain', body };
}

/**
 * The names of a channel's samples, in order.
 *
 * @throws Error naming the channels that have samples
 */
export async function listSamples(channel: string): Promise<string[]> {
  const files = await listFiles(channel);
  return files.map((file) => parse(file).name);
}

const contentTypes: ReadonlyMap<string, string> = new Map([
  ['.json', 'application/json'],
  ['.xml', 'application/xml'],
  ['.txt', 'text/plain'],
]);

async function listFiles(channel: string): Promise<string[]> {
  const folders = (await readdir(samplesUrl())).toSorted();
  if (folders.includes(channel)) {
    return (await readdir(new URL(channel, samplesUrl()))).toSorted();
  }
  throw new Error(`Cannot find samples of channel "${channel}": there are ${folders.join(', ')}`);
}

/** Two folders up from here and three from the build. */
function samplesUrl(): URL {
  const places = ['../../samples/', '../../../samples/'].map(
    (path) => new URL(path, import.meta.url),
  );
  const found = places.find((url) => existsSync(fileURLToPath(url)));
  if (!found) throw new Error('Cannot find the folder "samples" beside the program');
  return found;
}

function unknownSample(name: string, channel: string, files: readonly string[]): Error {
  const names = files.map((file) => parse(file).name);
  const meant = nearest(name, names);
  const hint = meant === undefined ? `there are ${names.join(', ')}` : `did you mean "${meant}"?`;
  return new Error(`Cannot find sample "${name}" of channel "${channel}": ${hint}`);
}
