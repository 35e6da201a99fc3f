import type { Knex } from 'knex';
import type { Activities } from '../src/domain/activities.ts';
import type { DeliveryInput } from '../src/domain/workflows.ts';
import type { DeliveryLines } from '../src/runtime/delivery-lines.ts';
import { listAttempts, recordInterrupted } from '../src/store/attempts.ts';
import { recordDeadDelivery } from '../src/store/dead-letters.ts';
import { findDelivery } from '../src/store/deliveries.ts';
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
): Promise<void> {
  const { db } = parts;
  const dead = { deliveryId, cycle };
  if (end.isExhausted) await recordInterrupted(db, dead, schedule.length);
  const isCut = end.reason === 'interrupted';
  const reason = (isCut ? await lastReason(db, dead) : undefined) ?? end.reason;
  await recordDeadDelivery(db, { id: deliveryId, cycle }, reason);
  await leaveForOthers(parts, dead);
}

/** Why the last attempt of a cycle failed: its worker may have died after it was recorded. */
async function lastReason(
  db: Knex,
  { deliveryId, cycle }: Pick<DeliveryInput, 'deliveryId' | 'cycle'>,
): Promise<string | undefined> {
  const last = (await listAttempts(db, deliveryId, cycle)).at(-1);
  if (!last || last.reason === null || last.reason === 'ack_pending') return undefined;
  return failureOf(last, undefined).message;
}
