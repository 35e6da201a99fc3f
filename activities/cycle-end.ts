import type { Knex } from 'knex';
import type { Activities, AttemptResult } from '../src/domain/activities.ts';
import type { DeliveryInput } from '../src/domain/workflows.ts';
import type { DeliveryLines } from '../src/runtime/delivery-lines.ts';
import { listAttempts, recordInterrupted } from '../src/store/attempts.ts';
import { recordDeadDelivery } from '../src/store/dead-letters.ts';
import { findDelivery } from '../src/store/deliveries.ts';
import type { AttemptRow } from '../src/store/delivery-tables.ts';
import { failureOf } from './attempt-outcome.ts';
import type { Turns } from './attempt-turn.ts';

export interface CycleEndParts {
  readonly db: Knex;
  readonly lines: DeliveryLines;
  readonly turns: Turns;
}

/** A cycle has ended and that is recorded: others may go that waited for it. Safe to repeat. */
export async function leaveForOthers(
  { db, lines, turns }: CycleEndParts,
  { deliveryId: id, cycle }: Pick<DeliveryInput, 'deliveryId' | 'cycle'>,
): Promise<void> {
  await turns.leave({ id, cycle });
  const delivery = await findDelivery(db, id);
  if (delivery) await lines.leave(delivery);
}

/** See `Activities.markDead`. */
export async function markDead(
  parts: CycleEndParts,
  { deliveryId, cycle, schedule, ...end }: Parameters<Activities['markDead']>[0],
): Promise<AttemptResult | undefined> {
  const { db } = parts;
  const dead = { deliveryId, cycle };
  if (end.isExhausted) await recordInterrupted(db, dead, schedule.length);
  // Whoever cut the last attempt, a killed worker too, may have done so after it was recorded.
  const isCut = end.reason === 'interrupted';
  const last = isCut ? (await listAttempts(db, deliveryId, cycle)).at(-1) : undefined;
  const isDelivered = last?.reason === null;
  if (!isDelivered) {
    const reason = (last && reasonOf(last)) ?? end.reason;
    await recordDeadDelivery(db, { id: deliveryId, cycle }, reason);
  }
  await leaveForOthers(parts, dead);
  return isDelivered ? { status: last.status, durationMs: last.duration_ms } : undefined;
}

function reasonOf(attempt: AttemptRow): string | undefined {
  if (attempt.reason === 'ack_pending') return undefined;
  return failureOf(attempt, undefined).message;
}
