import type { Knex } from 'knex';
import { z } from 'zod';
import { listAttemptFacts, listNewestAttempts } from '../../src/store/attempts.ts';
import { findDelivery, listDeliveries } from '../../src/store/deliveries.ts';
import { findKeptEndpoint } from '../../src/store/endpoints.ts';
import { findAhead } from '../../src/store/steering.ts';
import type { AttemptRow, DeliveryRow } from '../../src/store/delivery-tables.ts';
import { route } from '../route.ts';
import type { MountableRoute } from '../route.ts';
import { found, ordinal, pageOf, pageQuery, toPage } from './answers.ts';
import {
  attemptFactsSchema,
  deliverySchema,
  toAttemptFacts,
  toDelivery,
} from './delivery-answer.ts';
import { deliveryFilterFields, toDeliveryFilter } from './delivery-filter.ts';
import { cycleSchema, cyclesOf, firstShownOf, ladderOf, rungSchema } from './delivery-ladder.ts';
import { endpointStateSchema } from './endpoint-answer.ts';

export interface DeliveryParts {
  readonly db: Knex;
  readonly now: () => Date;
  /** Waits before each attempt of what this process starts, in milliseconds. */
  readonly schedule: readonly number[];
}

const fullSchema = deliverySchema
  .extend({
    schedule: z.array(z.int()).meta({ description: 'Waits before each attempt, in milliseconds' }),
    order_key: z
      .string()
      .nullable()
      .meta({ description: 'Those of one endpoint and key go one after another' }),
    is_in_line: z.boolean().meta({ description: 'It waits until others of its key have ended' }),
    waits_for: z
      .string()
      .nullable()
      .meta({ description: 'The first of its key, while it is in line behind it' }),
    replay_of: z
      .string()
      .nullable()
      .meta({ description: 'The delivery that a replay has sent once more as this one' }),
    ladder: z.array(rungSchema),
    cycles: z.array(cycleSchema).meta({ description: 'The newest 20' }),
    endpoint: z
      .object({
        id: z.string(),
        url: z.string(),
        state: endpointStateSchema,
        is_deleted: z.boolean(),
      })
      .nullable(),
  })
  .meta({ id: 'FullDelivery', description: 'A delivery with its attempts, made and to come.' });

const attemptSchema = attemptFactsSchema
  .extend({
    response_headers: z.record(z.string(), z.string()),
    response_body: z.string(),
    ack_detail: z
      .string()
      .nullable()
      .meta({ description: 'What the consumer said when it refused to acknowledge it' }),
  })
  .meta({ id: 'Attempt', description: 'One POST of a delivery.' });

/** Each has up to 16 KiB of an answer: 200 are forty cycles of five. */
const attemptsMax = 200;

export function deliveryRoutes(parts: DeliveryParts): MountableRoute[] {
  return [listRoute(parts.db), readRoute(parts), attemptsRoute(parts)];
}

function listRoute(db: Knex): MountableRoute {
  return route({
    method: 'get',
    path: '/v1/deliveries',
    summary: 'List deliveries',
    query: z.strictObject({ ...pageQuery, ...deliveryFilterFields }),
    answer: pageOf(deliverySchema),
    handle: async ({ tenantId, query }) => {
      const filter = toDeliveryFilter(query);
      return toPage(
        query,
        (page) => listDeliveries(db, tenantId, { filter, page }),
        (row) => toDelivery(row, row.endpoint_url),
      );
    },
  });
}

function readRoute({ db, schedule, now }: DeliveryParts): MountableRoute {
  return route({
    method: 'get',
    path: '/v1/deliveries/{id}',
    summary: 'Read a delivery with its attempts, made and to come',
    answer: fullSchema,
    handle: async ({ tenantId, id }) => {
      const row = found(await findDelivery(db, id, tenantId), 'delivery', id);
      const shown = { from: firstShownOf(row), to: row.cycle };
      const attempts = await listAttemptFacts(db, row.id, shown);
      const endpoint = await findKeptEndpoint(db, row.endpoint_id, tenantId);
      const ladder = { schedule: row.schedule_ms ?? schedule, now: now() };
      return {
        ...toDelivery(row, endpoint?.url ?? null),
        schedule: [...ladder.schedule],
        ...(await placeOf(db, row)),
        ladder: ladderOf(row, attempts, ladder),
        cycles: cyclesOf(row, attempts, ladder),
        endpoint: endpoint
          ? {
              id: endpoint.id,
              url: endpoint.url,
              state: endpoint.state,
              is_deleted: endpoint.deleted_at !== null,
            }
          : null,
      };
    },
  });
}

function attemptsRoute({ db, schedule }: DeliveryParts): MountableRoute {
  return route({
    method: 'get',
    path: '/v1/deliveries/{id}/attempts',
    summary: 'List the attempts of a delivery, oldest first: the newest 200',
    query: z.strictObject({
      cycle: ordinal.meta({ description: 'All when it is not given' }),
    }),
    answer: pageOf(attemptSchema),
    handle: async ({ tenantId, id, query: { cycle } }) => {
      const delivery = found(await findDelivery(db, id, tenantId), 'delivery', id);
      const attempts = await listNewestAttempts(db, delivery.id, { cycle, limit: attemptsMax });
      const waits = delivery.schedule_ms ?? schedule;
      return { data: attempts.map((each) => toAttempt(each, waits)), next_cursor: null };
    },
  });
}

/** Where it stands among others: in its order, and as one of two where it was replayed. */
async function placeOf(db: Knex, row: DeliveryRow) {
  const is_in_line = row.is_in_line && row.state === 'pending';
  return {
    order_key: row.order_key,
    is_in_line,
    waits_for: is_in_line ? ((await findAhead(db, row)) ?? null) : null,
    replay_of: row.replay_of,
  };
}

function toAttempt(row: AttemptRow, schedule: readonly number[]): z.input<typeof attemptSchema> {
  return {
    ...toAttemptFacts(row, schedule),
    response_headers: row.response_headers,
    response_body: row.response_body.toString('utf8'),
    ack_detail: row.ack_detail ?? null,
  };
}
