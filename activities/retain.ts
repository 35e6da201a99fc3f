import type { Knex } from 'knex';
import type { Logger } from 'pino';
import { isFree } from '../src/domain/retention.ts';
import type { Retention } from '../src/domain/retention.ts';
import { deleteRowsBefore, dropDay } from '../src/store/old-rows.ts';
import { dropPayloads } from '../src/store/payload-drop.ts';
import {
  countHolds,
  findRetentionPassed,
  listRetainedDays,
  setRetentionPassed,
} from '../src/store/retained-days.ts';
import type { RetainedDay } from '../src/store/retained-days.ts';

/** A day is done once: looking more often would only find the same days held. */
const betweenPassesMs = 3_600_000;

/** A day may take minutes; who does not hear of it for half a minute takes it for dead. */
const beatEveryMs = 5000;

const dayMs = 86_400_000;

export interface RetainParts {
  readonly db: Knex;
  readonly log: Logger;
  readonly retention: Retention;
}

/**
 * Drop what is old: the payloads of a day, later the whole day, never one of which anything is open.
 * Safe to repeat; does nothing within an hour of the pass before.
 *
 * @param beat - called every five seconds
 */
export async function retain(
  parts: RetainParts,
  { now, beat }: { readonly now: Date; readonly beat: () => void },
): Promise<void> {
  const beating = setInterval(beat, beatEveryMs);
  try {
    await pass(parts, now);
  } finally {
    clearInterval(beating);
  }
}

async function pass({ db, log, retention }: RetainParts, now: Date): Promise<void> {
  const passedAt = await findRetentionPassed(db);
  if (passedAt && now.getTime() - passedAt.getTime() < betweenPassesMs) return;
  for (const day of await listRetainedDays(db)) {
    const drop = dueOf(day, retention, now);
    if (!drop) continue;
    const at = day.startsAt.toISOString().slice(0, 10);
    try {
      // Most days that are held are seen without a lock.
      if (!isFree(await countHolds(db, day)) || !(await drop(db, day))) continue;
      log.info({ day: at, dropped: drop === dropDay ? 'everything' : 'payloads' }, 'Dropped a day');
    } catch (error) {
      log.warn({ err: error, day: at }, 'Could not drop a day; the next pass will try again');
    }
  }
  const dueAt = now.getTime() - retention.metadataMs;
  await deleteRowsBefore(db, new Date(dueAt - (dueAt % dayMs)));
  await setRetentionPassed(db, now);
}

/** What is to be done to a day; undefined = nothing, yet or any more. */
function dueOf(
  { endsAt, arePayloadsDropped }: RetainedDay,
  { payloadsMs, metadataMs }: Retention,
  now: Date,
): typeof dropDay | typeof dropPayloads | undefined {
  const ageMs = now.getTime() - endsAt.getTime();
  if (ageMs >= metadataMs) return dropDay;
  return ageMs >= payloadsMs && !arePayloadsDropped ? dropPayloads : undefined;
}
