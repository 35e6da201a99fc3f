import type { Knex } from 'knex';
import { z } from 'zod';
import { Problem } from '../../src/domain/problem.ts';
import { refusalOf } from '../../src/domain/steering.ts';
import type { SteeringMove } from '../../src/domain/steering.ts';
import { recordAudit } from '../../src/store/audit-log.ts';
import { lockBriefly } from '../../src/store/brief-locks.ts';
import type { DeliveryRow } from '../../src/store/delivery-tables.ts';
import { findKeptEndpoint } from '../../src/store/endpoints.ts';
import {
  claimDeliveries,
  findAhead,
  setCancelledByOperator,
  setDue,
  setHeld,
} from '../../src/store/steering.ts';
import { auditEntry } from '../audit.ts';
import { route } from '../route.ts';
import type { Call, MountableRoute } from '../route.ts';
import { found } from './answers.ts';
import { wordsOf } from './dead-letter-filter.ts';
import { deliverySchema, toDelivery } from './delivery-answer.ts';

export interface SteeringParts {
  readonly db: Knex;
  /** Starts and pokes what was noted; called after everything is committed. */
  readonly wake: () => void;
}

/** Why a person does it, for the audit log. */
export const reasonField = wordsOf(500).optional().meta({ description: 'Why, for the audit log' });

/** The body of what is done to one: it may be left out. */
export const reasonSchema = z.strictObject({ reason: reasonField }).optional();

/** What becomes of one delivery: send it now, end it, hold it back. */
export function deliverySteeringRoutes(parts: SteeringParts): MountableRoute[] {
  return [
    route({
      method: 'post',
      path: '/v1/deliveries/{id}/attempt-now',
      summary: 'Make the next attempt of a delivery that waits at once, or let go of a held one',
      body: reasonSchema,
      answer: deliverySchema,
      status: 202,
      handle: async (call) => steer(parts, call, { move: 'attempt_now', act: setDue }),
    }),
    route({
      method: 'post',
      path: '/v1/deliveries/{id}/cancel',
      summary: 'End a delivery that waits: nothing more is sent of its cycle',
      body: reasonSchema,
      answer: deliverySchema,
      handle: async (call) => steer(parts, call, { move: 'cancel', act: setCancelledByOperator }),
    }),
    route({
      method: 'post',
      path: '/v1/deliveries/{id}/hold',
      summary: 'Hold a delivery back until it is let go, without using up an attempt',
      body: reasonSchema,
      answer: deliverySchema,
      handle: async (call) => steer(parts, call, { move: 'hold', act: setHeld }),
    }),
  ];
}

/** A move of locked deliveries that nothing speaks against. */
export interface Steering {
  readonly move: SteeringMove;
  readonly act: (tx: Knex, rows: readonly DeliveryRow[]) => Promise<void>;
}

async function steer(
  { db, wake }: SteeringParts,
  call: Call<unknown, z.output<typeof reasonSchema>>,
  { move, act }: Steering,
): Promise<z.input<typeof deliverySchema>> {
  const { id, tenantId } = call;
  const { reason } = call.body ?? {};
  const row = await lockBriefly(db, async (tx) => {
    const [claimed] = await claimDeliveries(tx, tenantId, [id]);
    const before = found(claimed, 'delivery', id);
    await refuse(tx, move, before);
    await act(tx, [before]);
    const detail = {
      cycle: before.cycle,
      from: before.state,
      ...(reason !== undefined && { reason }),
    };
    await recordAudit(tx, auditEntry(call, { action: `delivery.${move}`, subject: id, detail }));
    const [after] = await claimDeliveries(tx, tenantId, [id]);
    return found(after, 'delivery', id);
  });
  wake();
  const endpoint = await findKeptEndpoint(db, row.endpoint_id, tenantId);
  return toDelivery(row, endpoint?.url ?? null);
}

/** @throws Problem when the move is not possible, with what to do instead */
async function refuse(tx: Knex, move: SteeringMove, row: DeliveryRow): Promise<void> {
  const refusal = refusalOf(move, row);
  if (!refusal) return;
  const ahead = refusal.code === 'delivery-in-line' ? await findAhead(tx, row) : undefined;
  const reason = ahead === undefined ? refusal.reason : `waits for "${ahead}", which goes first`;
  throw new Problem(refusal.code, `Delivery "${row.id}" ${reason}`);
}
