import { hasPassed, isInPlay, pass } from './run-guards.ts';
import type { Asking, Verdict } from './run-guards.ts';
import { setRunEnded } from './trigger-runs.ts';

/**
 * Of events with one key the last acts, once none came for the time.
 *
 * Each that asks takes those before it out at once, so that their rows tell the truth early. One
 * that a person sent again is neither taken out nor held.
 */
export async function askDebounce(asking: Asking): Promise<Verdict> {
  const { tx, run, definition, now, toPoke } = asking;
  const { debounce_key } = run;
  if (debounce_key === null || definition.debounce === null || run.cycle > 1) return pass;
  const others = await tx('run_guards')
    .where({ trigger_id: run.trigger_id, debounce_key, cycle: 1 })
    .whereNot('run_id', run.run_id)
    .whereNull('ended_at')
    .whereNull('admitted_at')
    .whereRaw(isInPlay)
    .where((relevant) => void relevant.where('run_id', '<', run.run_id).orWhereRaw(hasPassed))
    .orderBy('run_id')
    .select('run_id', 'cycle');
  const last = others.at(-1);
  if (last && last.run_id > run.run_id) return { kind: 'skip', reason: cameLater(last.run_id) };
  for (const { run_id: id, cycle } of others) {
    await setRunEnded(tx, { id, cycle }, { state: 'skipped', reason: cameLater(run.run_id) });
    toPoke.push({ id, cycle });
  }
  const since = run.joined_at ?? run.created_at;
  const waitMs = since.getTime() + definition.debounce.forMs - now.getTime();
  return waitMs > 0 ? { kind: 'wait', waitMs } : pass;
}

function cameLater(id: string): string {
  return `debounced: ${id} came later`;
}
