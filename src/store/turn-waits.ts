import type { Knex } from 'knex';
import { deliveryKey } from './deliveries.ts';
import type { TurnReason } from './delivery-turns.ts';
import type { TurnCycle } from './turn-queue.ts';

/** A delivery that waits for its turn, for what, and until it asks again. */
export interface Waiting extends TurnCycle {
  readonly reason: TurnReason;
  readonly waitMs: number;
}

/**
 * Say of deliveries that they wait for their turn, and when they ask again; their states stay. One
 * that somebody is changing at this moment is left alone.
 */
export async function setWaitingForTurn(db: Knex, waiting: readonly Waiting[]): Promise<void> {
  if (waiting.length === 0) return;
  const rows = waiting.map((each) => ({ ...each, at: deliveryKey(each.id).created_at }));
  await db.raw(
    `update deliveries d set last_reason = w.reason, next_attempt_at = w.asks_at
     from (select d.id, d.created_at, w.reason,
             now() + w."waitMs" * interval '1 millisecond' as asks_at
           from json_to_recordset(?)
             as w(id text, at timestamptz, cycle integer, reason text, "waitMs" float8)
           join deliveries d on d.id = w.id and d.created_at = w.at and d.cycle = w.cycle
           where d.state in ('pending', 'retrying')
           for update of d skip locked) as w
     where d.id = w.id and d.created_at = w.created_at`,
    [JSON.stringify(rows)],
  );
}
