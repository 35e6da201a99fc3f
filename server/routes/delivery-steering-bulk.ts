import { z } from 'zod';
import { steeredStates } from '../../src/domain/steering.ts';
import type { SteeringMove } from '../../src/domain/steering.ts';
import { setCancelledByOperator, setDue, setHeld } from '../../src/store/steering.ts';
import { route } from '../route.ts';
import type { Call, MountableRoute } from '../route.ts';
import { confirmField, idsField, namesThem } from './dead-letter-settling.ts';
import { deliverySchema } from './delivery-answer.ts';
import { deliveryCursorText, deliveryFilterFields } from './delivery-filter.ts';
import { bulkOf, previewSteering, redriving, steerMany } from './delivery-steering-many.ts';
import type { BulkSteering, SteerBody } from './delivery-steering-many.ts';
import { reasonField } from './delivery-steering.ts';
import type { SteeringParts } from './delivery-steering.ts';

function bodyOf(move: SteeringMove) {
  const states = steeredStates[move];
  return {
    ids: idsField,
    filter: z
      .strictObject({
        ...deliveryFilterFields,
        state: z.enum(states, `Must be one of ${states.join(', ')}`).optional(),
      })
      .optional()
      .meta({ description: 'As in the list; `{}` names every one that this is possible for' }),
    confirm: confirmField,
    cursor: deliveryCursorText,
    dry_run: z.boolean().default(false),
    reason: reasonField,
  };
}

const attemptNowSchema = z.strictObject(bodyOf('attempt_now')).check(namesThem);
const cancelSchema = z.strictObject(bodyOf('cancel')).check(namesThem);
const holdSchema = z.strictObject(bodyOf('hold')).check(namesThem);
const redriveSchema = z.strictObject(bodyOf('redrive')).check(namesThem);

const previewSchema = z
  .object({ matched: z.int(), sample: z.array(deliverySchema) })
  .meta({ id: 'DeliveryPreview', description: 'A dry run: nothing is changed.' });

/** What a bulk answers: the count is named like the state that each is in. */
function answerOf<S extends string>(state: S, id: string) {
  const fields = {
    matched: z.int().meta({ description: 'Those it is possible for, when this call began' }),
    remaining: z.int().meta({ description: 'Of those matched, what is left for the next call' }),
    next_cursor: z.string().nullable().meta({ description: 'For the next call; null at the end' }),
    [state]: z.int(),
    results: z
      .array(
        z.object({
          id: z.string(),
          state: z.enum([state, 'refused']),
          reason: z.string().optional(),
        }),
      )
      .meta({ description: 'One per id, in the order given; of a filter oldest first' }),
  };
  return z.object(fields).meta({ id });
}

const dueSchema = answerOf('due', 'DueDeliveries');
const cancelledSchema = answerOf('cancelled', 'CancelledDeliveries');
const heldSchema = answerOf('held', 'HeldDeliveries');
const redrivenSchema = answerOf('redriven', 'RedrivenDeliveries');

const attemptingNow = bulkOf({ move: 'attempt_now', act: setDue }, 'due');
const cancelling = bulkOf({ move: 'cancel', act: setCancelledByOperator }, 'cancelled');
const holding = bulkOf({ move: 'hold', act: setHeld }, 'held');

/** What becomes of many deliveries, named by their ids or by a filter. */
export function deliverySteeringBulkRoutes(parts: SteeringParts): MountableRoute[] {
  return [
    route({
      method: 'post',
      path: '/v1/deliveries/attempt-now',
      summary: 'Make the next attempts of deliveries at once; with `dry_run` only count them (200)',
      body: attemptNowSchema,
      answer: dueSchema,
      preview: previewSchema,
      status: 202,
      handle: async (call) => steer(parts, call, attemptingNow),
      head: headOf(202),
    }),
    route({
      method: 'post',
      path: '/v1/deliveries/cancel',
      summary: 'End deliveries that wait; with `dry_run` only count them',
      body: cancelSchema,
      answer: z.union([cancelledSchema, previewSchema]),
      handle: async (call) => steer(parts, call, cancelling),
    }),
    route({
      method: 'post',
      path: '/v1/deliveries/hold',
      summary: 'Hold deliveries back until they are let go; with `dry_run` only count them',
      body: holdSchema,
      answer: z.union([heldSchema, previewSchema]),
      handle: async (call) => steer(parts, call, holding),
    }),
    route({
      method: 'post',
      path: '/v1/deliveries/redrive',
      summary: 'Send deliveries that have ended again; with `dry_run` only count them (200)',
      body: redriveSchema,
      answer: redrivenSchema,
      preview: previewSchema,
      status: 202,
      handle: async (call) => steer(parts, call, redriving),
      head: headOf(202),
    }),
  ];
}

async function steer<S extends string>(
  { db, wake }: SteeringParts,
  call: Call<unknown, SteerBody>,
  steering: BulkSteering<S>,
) {
  if (call.body.dry_run) return previewSteering(db, call, steering.move);
  const { results, ...steered } = await steerMany(db, call, steering);
  const done = results.filter(({ state }) => state === steering.state).length;
  if (done > 0) wake();
  return { ...steered, [steering.state]: done, results };
}

function headOf(status: 202) {
  return (answer: object) => ({ status: 'sample' in answer ? (200 as const) : status });
}
