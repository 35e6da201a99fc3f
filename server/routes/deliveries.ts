import type { Knex } from 'knex';
import { z } from 'zod';
import { listAttemptFacts, listNewestAttempts } from '../../src/store/attempts.ts';
import { findDelivery, idTextPattern, listDeliveries } from '../../src/store/deliveries.ts';
import { findKeptEndpoint } from '../../src/store/endpoints.ts';
import type { AttemptRow } from '../../src/store/delivery-tables.ts';
import { route } from '../route.ts';
import type { MountableRoute } from '../route.ts';
import { found, idSchema, moment, ordinal, pageOf, pageQuery, toPage } from './answers.ts';
import {
  attemptFactsSchema,
  deliverySchema,
  deliveryStateSchema,
  toAttemptFacts,
  toDelivery,
} from './delivery-answer.ts';
import { cycleSchema, cyclesOf, firstShownOf, ladderOf, rungSchema } from './delivery-ladder.ts';
import { endpointStateSchema } from './endpoint-answer.ts';

export interface DeliveryParts {
  readonly db: Knex;
  readonly now: () => Date;
  /** Waits before each attempt of what this process starts, in milliseconds. */
  readonly schedule: readonly number[];
}

const filterSchema = {
  event_id: idSchema.optional(),
  endpoint_id: idSchema.optional(),
  state: deliveryStateSchema.optional(),
  event_type: z.string().min(1).max(200).optional(),
  from: moment.optional().meta({ description: 'Made at or after this' }),
  to: moment.optional().meta({ description: 'Made before this' }),
  text: z
    .string()
    .regex(idTextPattern, 'Must begin the id of a delivery or an event: at least 4 digits of it')
    .optional()
    .meta({ description: 'A delivery or event id, or its beginning: at least 4 digits' }),
};

const fullSchema = deliverySchema
  .extend({
    schedule: z.array(z.int()).meta({ description: 'Waits before each attempt, in milliseconds' }),
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
    query: z.strictObject({ ...pageQuery, ...filterSchema }),
    answer: pageOf(deliverySchema),
    handle: async ({ tenantId, query }) => {
      const filter = {
        eventId: query.event_id,
        endpointId: query.endpoint_id,
        state: query.state,
        eventType: query.event_type,
        from: query.from === undefined ? undefined : new Date(query.from),
        to: query.to === undefined ? undefined : new Date(query.to),
        text: query.text,
      };
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
      const ladder = { schedule, now: now() };
      return {
        ...toDelivery(row, endpoint?.url ?? null),
        schedule: [...schedule],
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
      return { data: attempts.map((each) => toAttempt(each, schedule)), next_cursor: null };
    },
  });
}

function toAttempt(row: AttemptRow, schedule: readonly number[]): z.input<typeof attemptSchema> {
  return {
    ...toAttemptFacts(row, schedule),
    response_headers: row.response_headers,
    response_body: row.response_body.toString('utf8'),
  };
}
