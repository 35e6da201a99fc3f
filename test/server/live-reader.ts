import { pino } from 'pino';
import { makeLive } from '../../server/live.ts';
import type { LiveTimes } from '../../server/live.ts';
import { freshDatabase } from '../support/database.ts';
import { serveApi } from './served-api.ts';
import type { ServedApi } from './served-api.ts';

/** Times of a live stream that a test does not wait for. */
export const quick: LiveTimes = {
  pollEveryMs: 10,
  beatEveryMs: 60_000,
  judgeEveryMs: 60_000,
  ageMaxMs: 60_000,
};
export const log = pino({ level: 'silent' });

/** The API on a database of its own, with quick streams. */
export async function serveLive(times: Partial<LiveTimes> = {}): Promise<ServedApi> {
  const db = await freshDatabase();
  return serveApi({ db, live: makeLive({ db, log, times: { ...quick, ...times } }) });
}

/** A reader of Server-Sent Events. */
export interface Reader {
  readonly response: Response;
  /** What came until now. */
  text(): string;
  readonly isEnded: () => boolean;
  stop(): void;
}

/** Open a stream and read what comes. */
export async function listen(
  { origin }: ServedApi,
  path: string,
  headers: Record<string, string>,
): Promise<Reader> {
  const stopping = new AbortController();
  const response = await fetch(`${origin}${path}`, { headers, signal: stopping.signal });
  let text = '';
  let isEnded = false;
  const read = async (): Promise<void> => {
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) text += decoder.decode(chunk, { stream: true });
  };
  read()
    .catch(() => undefined)
    .finally(() => (isEnded = true));
  return { response, text: () => text, isEnded: () => isEnded, stop: () => stopping.abort() };
}

/** The header of a key. */
export function bearer(value: string): Record<string, string> {
  return { Authorization: `Bearer ${value}` };
}

/** The ids and names of what came, in order. */
export function messagesOf(reader: Reader): string[] {
  return [...reader.text().matchAll(/id: (\S+)\nevent: (\w+)\n/g)].map(
    ([, id, name]) => `${name} ${id}`,
  );
}
