import type { Knex } from 'knex';
import type { GuardKeys, TriggerDefinition } from '../domain/trigger.ts';
import type { PlannedGuards, RunGuardsRow } from './automation-tables.ts';
import type { TriggerRunRow } from './tables.ts';

/** One cycle of a run; its workflow's id is made of both. */
export interface RunCycle {
  readonly id: string;
  readonly cycle: number;
}

/** A run that asks its guards. */
export interface AskingRun extends RunGuardsRow {
  readonly created_at: Date;
  readonly state: TriggerRunRow['state'];
}

/** What a guard sees, and what it leaves to be told to others once all is committed. */
export interface Asking {
  readonly tx: Knex;
  readonly run: AskingRun;
  readonly definition: TriggerDefinition;
  readonly now: Date;
  /** Runs that wait and for which something has changed. */
  readonly toPoke: RunCycle[];
  /** Runs that are under way and must leave. */
  readonly toCancel: RunCycle[];
  /** Runs on which this one waits: should one of their workflows be gone, nobody else would tell. */
  readonly blockers: RunCycle[];
}

/** What one guard says. */
export type Verdict =
  | { readonly kind: 'pass' }
  | { readonly kind: 'wait'; readonly waitMs: number }
  | { readonly kind: 'skip'; readonly reason: string };

export const pass: Verdict = { kind: 'pass' };

/** A run that waits for others asks again after this, should it not be told. */
export const askAgainMs = 30_000;

/** One that is not the next to be told: a thousand that wait in one lane must not ask all the time. */
export const askRarelyMs = 300_000;

/**
 * The guards of a run, with what the run itself says; undefined when nothing guards it.
 *
 * @param isLocked - until the transaction ends nobody else ends it
 */
export async function findAskingRun(
  db: Knex,
  id: string,
  { isLocked = false } = {},
): Promise<AskingRun | undefined> {
  const query = db('run_guards as g')
    .join('trigger_runs as r', 'r.id', 'g.run_id')
    .where('g.run_id', id)
    .first<AskingRun | undefined>('g.*', 'r.created_at', 'r.state');
  if (isLocked) void query.forUpdate('r');
  return query;
}

/** What guards a run from now on. The first word stands. */
export async function recordGuards(db: Knex, guards: PlannedGuards): Promise<void> {
  await db('run_guards').insert(guards).onConflict('run_id').ignore();
}

/** The keys of a run as its row has them. */
export function keyColumnsOf(
  keys: GuardKeys,
): Omit<PlannedGuards, 'run_id' | 'trigger_id' | 'cycle'> {
  return {
    dedupe_key: keys.dedupe,
    debounce_key: keys.debounce,
    lane_key: keys.concurrency,
    throttle_key: keys.throttle,
    join_key: keys.join,
    part: keys.part,
  };
}

/**
 * The keys of a run whose join is complete and whose condition held: those of its other guards are
 * known only now.
 */
export async function setGuardKeys(db: Knex, id: string, keys: GuardKeys): Promise<void> {
  const { join_key: _key, part: _part, ...others } = keyColumnsOf(keys);
  const passed_at = keys.dedupe === null ? db.fn.now() : null;
  await db('run_guards')
    .where({ run_id: id })
    .update({ ...others, passed_at });
}

/**
 * Ask for keys, one run at a time, until the transaction ends: what is decided under a key is
 * decided by what all before have committed.
 *
 * @param keys - in the order that all keep: join, dedupe, debounce, lane, throttle
 */
export async function lockKeys(
  tx: Knex,
  { trigger_id }: Pick<RunGuardsRow, 'trigger_id'>,
  keys: readonly (readonly [kind: string, key: string | null])[],
): Promise<void> {
  const names = keys.flatMap(([kind, key]) =>
    key === null ? [] : [`${trigger_id} ${kind} ${key}`],
  );
  await tx.raw(
    'select pg_advisory_xact_lock(hashtextextended(name, 0)) from unnest(?::text[]) as name',
    [names],
  );
}

/** Its join is complete, if it is in one: before that it is in nobody's way. */
export const isInPlay = '(join_key is null or joined_at is not null)';

/** Nothing can take it out any more but a later event or a person. */
export const hasPassed = '(passed_at is not null or (dedupe_key is null and join_key is null))';

/**
 * Of runs on which another waits, those that nobody has seen for a while: the caller looks at their
 * workflows, and nobody else does for the next while.
 */
export async function claimUnseen(
  db: Knex,
  runs: readonly RunCycle[],
  now: Date,
): Promise<RunCycle[]> {
  if (runs.length === 0) return [];
  const unseen = db('run_guards')
    .whereIn(
      ['run_id', 'cycle'],
      runs.map(({ id, cycle }) => [id, cycle]),
    )
    .whereNull('ended_at')
    .where(
      (each) =>
        void each
          .whereNull('seen_at')
          .orWhere('seen_at', '<=', new Date(now.getTime() - askAgainMs)),
    )
    .forUpdate()
    .skipLocked() // Somebody is at it; waiting for several could be a deadlock.
    .select('run_id');
  return db('run_guards')
    .whereIn('run_id', unseen)
    .update({ seen_at: now })
    .returning(['run_id as id', 'cycle']);
}
