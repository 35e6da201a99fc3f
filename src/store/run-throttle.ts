import type { Knex } from 'knex';
import type { ThrottleSlotRow } from './automation-tables.ts';
import { pass } from './run-guards.ts';
import type { Asking, AskingRun, Verdict } from './run-guards.ts';

/** How many may begin in any stretch of a length. */
interface Window {
  readonly limit: number;
  readonly perMs: number;
}

/**
 * At most `limit` runs of one key begin in any `per`; the others wait until they may.
 *
 * Each is given an instant when it first asks, and asks again then. Timers ring a moment late, so
 * those before it may have begun later than planned: it keeps its place, and waits that moment too.
 * One that asks more than `per` late, as after a worker was away, is given a new instant instead.
 */
export async function askThrottle({ tx, run, definition, now }: Asking): Promise<Verdict> {
  const { throttle_key, cycle } = run;
  if (throttle_key === null || definition.throttle === null) return pass;
  const window = definition.throttle;
  const own = tx('throttle_slots').where({ run_id: run.run_id, cycle });
  let goAt = (await own.clone().first('go_at'))?.go_at ?? (await reserve(tx, run, { window, now }));
  const freeAt = goAt <= now ? await findFree(tx, run, { window, now }) : now;
  if (freeAt > now && goAt.getTime() > now.getTime() - window.perMs) {
    goAt = freeAt;
    await own.clone().update({ go_at: goAt });
  } else if (freeAt > now) {
    await own.clone().del();
    goAt = await reserve(tx, run, { window, now });
  }
  if (goAt > now) return { kind: 'wait', waitMs: goAt.getTime() - now.getTime() };
  await own.clone().update({ go_at: now, has_begun: true });
  return pass;
}

interface Moment {
  readonly window: Window;
  readonly now: Date;
}

/** The first instant at which no more than `limit` of all that were given one lie within `per`. */
async function reserve(tx: Knex, run: AskingRun, { window, now }: Moment): Promise<Date> {
  const { trigger_id, throttle_key, run_id, cycle } = run;
  const key = throttle_key ?? '';
  await forgetBegun(tx, { trigger_id, key }, new Date(now.getTime() - window.perMs));
  const last = await tx('throttle_slots')
    .where({ trigger_id, key })
    .orderBy('go_at', 'desc')
    .offset(window.limit - 1)
    .first('go_at');
  const earliest = last ? last.go_at.getTime() + window.perMs : 0;
  const go_at = new Date(Math.max(now.getTime(), earliest));
  await tx('throttle_slots').insert({ run_id, cycle, trigger_id, key, go_at });
  return go_at;
}

/** How many of those that count no more are forgotten when one is added: more than one, so they go. */
const forgottenAtOnce = 100;

async function forgetBegun(
  tx: Knex,
  of: Pick<ThrottleSlotRow, 'trigger_id' | 'key'>,
  before: Date,
): Promise<void> {
  const old = tx('throttle_slots')
    .where({ ...of, has_begun: true })
    .where('go_at', '<=', before)
    .orderBy('go_at')
    .limit(forgottenAtOnce)
    .select('run_id', 'cycle');
  await tx('throttle_slots').whereIn(['run_id', 'cycle'], old).del();
}

/** When fewer than `limit` have begun in the `per` before: `now`, or later. */
async function findFree(tx: Knex, run: AskingRun, { window, now }: Moment): Promise<Date> {
  const { limit, perMs } = window;
  const oldest = await tx('throttle_slots')
    .where({ trigger_id: run.trigger_id, key: run.throttle_key ?? '', has_begun: true })
    .where('go_at', '>', new Date(now.getTime() - perMs))
    // Else all that wait were read too. Not `now`: the clock of another worker may be ahead.
    .where('go_at', '<=', new Date(now.getTime() + perMs))
    .orderBy('go_at', 'desc')
    .offset(limit - 1)
    .first('go_at');
  return oldest ? new Date(oldest.go_at.getTime() + perMs) : now;
}
