import { pass } from './run-guards.ts';
import type { Asking, AskingRun, Verdict } from './run-guards.ts';

/**
 * Of events with one key the first is let through, the others within the time are not.
 *
 * The first by arrival, whichever asks first. Another cycle is a person's wish: it is let through.
 */
export async function askDedupe({ tx, run, definition, now }: Asking): Promise<Verdict> {
  const { trigger_id, dedupe_key: key } = run;
  if (key === null || definition.dedupe === null || run.cycle > 1 || run.passed_at) return pass;
  const [first = run] = await tx('run_guards as g')
    .join('trigger_runs as r', 'r.id', 'g.run_id')
    .where({ 'g.trigger_id': trigger_id, 'g.dedupe_key': key, 'g.cycle': 1 })
    .whereNull('g.ended_at')
    .whereNull('g.passed_at')
    .orderBy('g.run_id')
    .limit(1)
    .select<Pick<AskingRun, 'run_id' | 'created_at'>[]>('g.run_id', 'r.created_at');
  const until = new Date(first.created_at.getTime() + definition.dedupe.forMs);
  await tx.raw(
    `insert into run_dedupes as d (trigger_id, key, run_id, until) values (?, ?, ?, ?)
     on conflict (trigger_id, key) do update set run_id = excluded.run_id, until = excluded.until
     where d.until <= ?`,
    [trigger_id, key, first.run_id, until, first.created_at],
  );
  const holder = await tx('run_dedupes').where({ trigger_id, key }).first('run_id');
  if (holder && holder.run_id !== run.run_id) {
    return { kind: 'skip', reason: `deduplicated: ${holder.run_id} came first` };
  }
  await tx('run_guards').where({ run_id: run.run_id }).update({ passed_at: now });
  return pass;
}
