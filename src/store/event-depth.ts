import type { Knex } from 'knex';
import { instantOf } from '../domain/id.ts';

/**
 * How many events stand between an event that is to be emitted and the first of its chain: one more
 * than the event of the run that emits it, as many as its session has.
 *
 * @param key - the emitter's own; what begins with no id of a run or a session begins a chain
 */
export async function findDepth(db: Knex, key: string): Promise<number> {
  const [id = ''] = /^(?:run|ses)_[0-9a-f]{32}(?=[/-])/.exec(key) ?? [];
  if (id === '') return 0;
  if (id.startsWith('run_')) return depthAfterRun(db, id);
  const session = await db('sessions').where({ id }).first('depth');
  return session?.depth ?? 0;
}

async function depthAfterRun(db: Knex, id: string): Promise<number> {
  const run = await db('trigger_runs').where({ id }).first('event_id');
  const received_at = run && instantOf(run.event_id);
  if (!received_at) return 0;
  const event = await db('events').where({ id: run.event_id, received_at }).first('depth');
  return (event?.depth ?? 0) + 1;
}
