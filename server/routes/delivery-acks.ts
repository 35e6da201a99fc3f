import { setTimeout as sleep } from 'node:timers/promises';
import type { Knex } from 'knex';
import { z } from 'zod';
import { passingProblem, Problem } from '../../src/domain/problem.ts';
import { waitAfterMs } from '../../src/domain/retry.ts';
import type { AckTokens } from '../../src/runtime/ack-token.ts';
import { setAcked } from '../../src/store/acks.ts';
import type { AckOutcome, AttemptPlace } from '../../src/store/acks.ts';
import { route } from '../route.ts';
import type { Call, MountableRoute } from '../route.ts';
import { wordsOf } from './dead-letter-filter.ts';
import { deliveryStateSchema } from './delivery-answer.ts';

export interface AckParts {
  readonly db: Knex;
  readonly ackTokens: AckTokens;
  /** Waits before each attempt of what this process starts, in milliseconds. */
  readonly schedule: readonly number[];
  /** Pokes what was noted; called after everything is committed. */
  readonly wake: () => void;
}

const ackSchema = z
  .strictObject({
    token: z.string().max(200).optional().meta({
      description: 'The `webhook-ack-token` of the attempt, unless it is in `Authorization`',
    }),
    outcome: z.enum(['delivered', 'failed']).default('delivered'),
    detail: wordsOf(500).optional().meta({ description: 'Of `failed`: why, for people' }),
  })
  .refine(({ outcome, detail }) => outcome === 'failed' || detail === undefined, {
    path: ['detail'],
    message: 'Only a failure has a detail',
  });

type AckBody = z.output<typeof ackSchema>;

const acknowledgedSchema = z
  .object({ id: z.string(), state: deliveryStateSchema })
  .meta({ id: 'AcknowledgedDelivery' });

/** The consumer's own route: who has the token of an attempt needs no key. */
export function ackRoute(parts: AckParts): MountableRoute {
  return route({
    method: 'post',
    path: '/v1/deliveries/{id}/ack',
    summary: 'Acknowledge a delivery that was answered with `webhook-ack: later`; needs its token',
    isPublic: true,
    body: ackSchema,
    answer: acknowledgedSchema,
    handle: async (call) => {
      const { token, outcome } = call.body;
      const place = token === undefined ? undefined : parts.ackTokens.read(call.id, token);
      if (!place) {
        const detail =
          'Send the header "Authorization: Bearer" with the "webhook-ack-token" that came with this delivery';
        throw new Problem('ack-token-invalid', detail);
      }
      const acked = await acknowledge(parts, place, call);
      if (acked.kind === 'recorded') parts.wake();
      return { id: call.id, state: stateOf(acked, { ...place, outcome }) };
    },
  });
}

/** How long an acknowledgement that overtook the record of its attempt waits for it. */
const patience = { triesMax: 20, everyMs: 100 } as const;

async function acknowledge(
  { db, schedule }: AckParts,
  place: AttemptPlace,
  { body }: Call<unknown, AckBody>,
): Promise<AckOutcome> {
  const refusal = {
    detail: body.detail ?? null,
    waitAfterMs: ({ schedule_ms }: { schedule_ms: number[] | null }) =>
      waitAfterMs(schedule_ms ?? schedule, place.number),
  };
  for (let tried = 1; ; tried += 1) {
    const acked = await setAcked(db, place, body.outcome === 'failed' ? refusal : null);
    if (acked.kind !== 'early' || tried === patience.triesMax) return acked;
    await sleep(patience.everyMs);
  }
}

/** @throws Problem when the acknowledgement could not be taken */
function stateOf(
  acked: AckOutcome,
  { deliveryId: id, number, outcome }: AttemptPlace & Pick<AckBody, 'outcome'>,
): z.input<typeof deliveryStateSchema> {
  switch (acked.kind) {
    case 'recorded':
    case 'repeated':
      return acked.delivery.state;
    case 'unknown':
      throw new Problem('not-found', `No delivery has the id "${id}"`);
    case 'early': {
      const detail = `Attempt ${number} of "${id}" has no answer yet: acknowledge it again after a 202`;
      throw passingProblem('ack-too-early', detail, 1);
    }
    case 'over': {
      const what = outcome === 'failed' ? 'fail' : 'be acknowledged';
      const detail = `Attempt ${number} of "${id}" can't ${what} any more: the delivery is ${acked.delivery.state}`;
      throw new Problem('ack-too-late', detail);
    }
  }
}
