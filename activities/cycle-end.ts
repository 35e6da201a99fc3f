import type { Knex } from 'knex';
import type { DeliveryInput } from '../src/domain/workflows.ts';
import type { DeliveryLines } from '../src/runtime/delivery-lines.ts';
import { findDelivery } from '../src/store/deliveries.ts';
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
