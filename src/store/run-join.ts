import type { Knex } from 'knex';
import type { TriggerDefinition } from '../domain/trigger.ts';
import { durationText } from '../domain/duration.ts';
import type { JoinPartRow } from './automation-tables.ts';
import { askAgainMs, findAskingRun, pass } from './run-guards.ts';
import type { Asking, AskingRun, RunCycle, Verdict } from './run-guards.ts';
import { setRunEnded } from './trigger-runs.ts';

/** A run of a join that has not met all others. */
interface Waiting {
  readonly run_id: string;
  readonly cycle: number;
  readonly part: string;
  readonly event_id: string;
  readonly created_at: Date;
  readonly join_until: Date | null;
}

/** One that is the first of its join. */
type Opener = Waiting & { readonly join_until: Date };

/**
 * The first of a join waits for the other parts; each of those is skipped as joined and leaves its
 * event with the first. Of two events of one part the newer stands.
 *
 * Whoever asks settles what has come under the key so far, in the order of arrival: the outcome is
 * the same whoever asks first, and however late.
 *
 * @returns `wait` also when the run has ended in this
 */
export async function askJoin(asking: Asking): Promise<Verdict> {
  const { tx, run, now } = asking;
  if (run.join_key === null || asking.definition.join === null) return pass;
  if (run.joined_at) return pass;
  await settle(asking, asking.definition.join.withinMs);
  const settled = (await findAskingRun(tx, run.run_id)) ?? run;
  if (settled.joined_at) return pass;
  const leftMs = (settled.join_until?.getTime() ?? 0) - now.getTime();
  return { kind: 'wait', waitMs: Math.min(Math.max(leftMs, 1), askAgainMs) };
}

async function settle(asking: Asking, withinMs: number): Promise<void> {
  const { run, now } = asking;
  const waiting = await listWaiting(asking.tx, run);
  let open = waiting.find(isOpener);
  for (const each of waiting.filter((one) => !isOpener(one))) {
    const arrivedAt = each.cycle === 1 ? each.created_at : now; // A person sends it again now.
    if (open && open.join_until <= arrivedAt) {
      await giveUp(asking, open);
      open = undefined;
    }
    const first: Opener = open ?? { ...each, join_until: new Date(arrivedAt.getTime() + withinMs) };
    await addPart(asking, { each, first });
    open = (await isComplete(asking, first)) ? undefined : first;
  }
  if (open && open.join_until <= now) await giveUp(asking, open);
}

function isOpener(waiting: Waiting): waiting is Opener {
  return waiting.join_until !== null;
}

async function listWaiting(
  tx: Knex,
  { trigger_id, join_key }: Pick<AskingRun, 'trigger_id' | 'join_key'>,
): Promise<Waiting[]> {
  return tx('run_guards as g')
    .join('trigger_runs as r', 'r.id', 'g.run_id')
    .where({ 'g.trigger_id': trigger_id, 'g.join_key': join_key })
    .whereNull('g.ended_at')
    .whereNull('g.joined_at')
    .orderBy('g.run_id')
    .select('g.run_id', 'g.cycle', 'g.part', 'g.join_until', 'r.event_id', 'r.created_at');
}

/**
 * A part, with what its run had gathered itself before a person sent it again. Ids of events are in
 * the order of their arrival: the greater is the newer.
 */
async function addPart(
  { tx, toPoke }: Asking,
  { each, first }: { readonly each: Waiting; readonly first: Opener },
): Promise<void> {
  const { run_id, part, event_id } = each;
  await tx.raw(
    `insert into join_parts (run_id, part, event_id)
     select :first::text, part, max(event_id)
     from (select :part::text as part, :event_id::text as event_id
           union all select part, event_id from join_parts where run_id = :run_id) as own
     group by part
     on conflict (run_id, part) do update
       set event_id = greatest(join_parts.event_id, excluded.event_id)`,
    { first: first.run_id, part, event_id, run_id },
  );
  if (run_id === first.run_id) {
    await tx('run_guards').where({ run_id }).update({ join_until: first.join_until });
    return;
  }
  const reason = `joined: ${first.run_id} was the first`;
  await setRunEnded(tx, cycleOf(each), { state: 'skipped', reason });
  toPoke.push(cycleOf(each), cycleOf(first));
}

async function isComplete({ tx, definition, now }: Asking, first: Opener): Promise<boolean> {
  const { run_id } = first;
  if ((await listMissing(tx, { definition, runId: run_id })).length > 0) return false;
  await tx('run_guards').where({ run_id }).update({ joined_at: now });
  return true;
}

async function giveUp({ tx, definition, toPoke }: Asking, first: Opener): Promise<void> {
  const missing = await listMissing(tx, { definition, runId: first.run_id });
  const within = durationText(definition.join?.withinMs ?? 0);
  const reason = `incomplete: ${missing.join(' and ')} did not come within ${within}`;
  await setRunEnded(tx, cycleOf(first), { state: 'skipped', reason });
  toPoke.push(cycleOf(first));
}

async function listMissing(
  tx: Knex,
  { definition, runId }: { readonly definition: TriggerDefinition; readonly runId: string },
): Promise<string[]> {
  const there = new Set((await listJoinParts(tx, runId)).map(({ part }) => part));
  return definition.on.flatMap(({ as }) => (as === null || there.has(as) ? [] : [as]));
}

/** What the join of a run has gathered. */
export async function listJoinParts(db: Knex, runId: string): Promise<JoinPartRow[]> {
  return db('join_parts').where({ run_id: runId });
}

function cycleOf({ run_id: id, cycle }: Waiting): RunCycle {
  return { id, cycle };
}
