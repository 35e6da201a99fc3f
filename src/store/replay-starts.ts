import type { Knex } from 'knex';
import { idBound, instantOf } from '../domain/id.ts';
import type { DeliveryRow } from './delivery-tables.ts';
import type { ReplayItemRow } from './replay-tables.ts';
import type { TriggerRunRow } from './tables.ts';

/** A cycle that a replay has opened. */
export type ReplayedCycle = Pick<ReplayItemRow, 'replay_id' | 'origin'>;

type Started = DeliveryRow | TriggerRunRow;

/** Older replays of a tenant are not asked: an item stands in line for hours, not for a hundred replays. */
const replaysMax = 100;

/**
 * Which replays have opened the cycles of some deliveries or runs, by the ids of these: what stood in
 * line, or whose replay's worker died, is started by somebody else. Such a row is an item by itself,
 * or as a new delivery by the one that it repeats or by its event. Rows that no replay can have opened
 * cost nothing.
 */
export async function listReplayedCycles(
  db: Knex,
  rows: readonly Started[],
): Promise<ReadonlyMap<string, ReplayedCycle>> {
  const asked = rows.filter(mayBeReplayed).map((row) => ({
    id: row.id,
    cycle: row.cycle,
    tenant_id: row.tenant_id,
    event_id: row.event_id,
    repeats: 'replay_of' in row ? row.replay_of : null,
    after: idBound('rpl', instantOf(row.event_id) ?? new Date(0)),
  }));
  if (asked.length === 0) return new Map();
  const { rows: found } = await db.raw<{ rows: (ReplayedCycle & { id: string })[] }>(
    `select s.id, opened.replay_id, opened.origin
     from jsonb_to_recordset(:asked::jsonb)
            as s(id text, cycle integer, tenant_id text, event_id text, repeats text, after text),
     lateral (
       select i.replay_id, i.origin
       from (select id from replays where tenant_id = s.tenant_id and id >= s.after
             order by id desc limit ${replaysMax}) as r
       join replay_items i on i.replay_id = r.id
        and i.subject_id in (s.id, s.event_id, s.repeats)
       where i.cycle = s.cycle and i.failure is null
         and coalesce(i.delivery_id, i.subject_id) = s.id
       order by r.id desc limit 1) as opened`,
    { asked: JSON.stringify(asked) },
  );
  return new Map(found.map(({ id, ...cycle }) => [id, cycle]));
}

/** A later cycle; or a delivery that is younger than its event, as only replays make them. */
function mayBeReplayed({ id, cycle, event_id: eventId }: Started): boolean {
  if (cycle > 1) return true;
  return id.startsWith('dlv_') && instantOf(id)?.getTime() !== instantOf(eventId)?.getTime();
}
