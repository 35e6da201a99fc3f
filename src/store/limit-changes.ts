import type { Knex } from 'knex';
import { recordPokes } from './pokes.ts';
import { lockLimits } from './turn-queue.ts';
import type { Limits, TurnCycle } from './turn-queue.ts';

/** How many are told at a time. */
const toldMax = 1000;

/**
 * Where the limits of an endpoint have changed, those that wait by the old ones are to ask anew: the
 * new ones may let them go at once, or not so soon. Safe to repeat.
 */
export async function settleChangedLimits(db: Knex): Promise<void> {
  const { rows } = await db.raw<{ rows: Limits[] }>(
    `select l.endpoint_id as id, e.rate_limit, e.in_flight_max
     from endpoint_limits l left join endpoints e on e.id = l.endpoint_id and e.deleted_at is null
     where (e.rate_limit, e.in_flight_max) is distinct from (l.rate_limit, l.in_flight_max)`,
  );
  for (const limits of rows) {
    while ((await settle(db, limits)) === toldMax);
  }
}

/** @returns how many were told: not all when it is the most that there may be */
async function settle(db: Knex, { id, ...limits }: Limits): Promise<number> {
  return db.transaction(async (tx) => {
    await lockLimits(tx, { id, ...limits });
    const { rows } = await tx.raw<{ rows: TurnCycle[] }>(
      `delete from delivery_turns t
       using (select delivery_id, cycle from delivery_turns
              where endpoint_id = ? and (go_at is not null or place_until is null)
              order by asked_at limit ${toldMax}) as waiting
       where t.delivery_id = waiting.delivery_id and t.cycle = waiting.cycle
       returning t.delivery_id as id, t.cycle`,
      [id],
    );
    await recordPokes(
      tx,
      rows.map((turn) => ({ ...turn, afterNumber: null })),
    );
    if (rows.length < toldMax) await note(tx, { id, ...limits });
    return rows.length;
  });
}

/** By which limits those that come are told from now on; without any nobody is. */
async function note(tx: Knex, { id, rate_limit, in_flight_max }: Limits): Promise<void> {
  const own = tx('endpoint_limits').where({ endpoint_id: id });
  if (rate_limit === null && in_flight_max === null) await own.del();
  else await own.update({ rate_limit, in_flight_max });
}

/** Take away the turns of cycles that ended long ago without leaving: they block nobody. */
export async function forgetOldTurns(db: Knex): Promise<void> {
  await db.raw(
    `delete from delivery_turns t
     using (select t.delivery_id, t.cycle from delivery_turns t
            left join deliveries d on d.id = t.delivery_id and d.created_at = t.delivery_created_at
            where t.asked_at < now() - interval '1 hour'
              and (t.place_until is null or t.place_until < now() - interval '1 minute')
              and (d.cycle is distinct from t.cycle or d.state not in ('pending', 'retrying'))
            limit 10000 for update of t skip locked) as old
     where t.delivery_id = old.delivery_id and t.cycle = old.cycle`,
  );
}
