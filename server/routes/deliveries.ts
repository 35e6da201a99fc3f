import type { Knex } from 'knex';
import { z } from 'zod';
import { listAttempts } from '../../src/store/attempts.ts';
import { findDelivery, listDeliveries } from '../../src/store/deliveries.ts';
import type { AttemptRow, DeliveryRow } from '../../src/store/tables.ts';
import { route } from '../route.ts';
import type { MountableRoute } from '../route.ts';
import { found, idSchema, instant, pageOf, pageQuery, toPage } from './answers.ts';

const stateSchema = z.enum([
  'pending',
  'retrying',
  'delivered',
  'dead',
  'parked',
  'cancelled',
  'skipped',
]);

const deliverySchema = z
  .object({
    id: z.string(),
    event_id: z.string(),
    event_type: z.string(),
    endpoint_id: z.string(),
    state: stateSchema,
    cycle: z.int(),
    attempt_count: z.int(),
    next_attempt_at: instant.nullable(),
    last_status: z.int().nullable(),
    last_reason: z.string().nullable(),
    created_at: instant,
  })
  .meta({ id: 'Delivery', description: 'One event on its way to one endpoint.' });

const attemptSchema = z
  .object({
    number: z.int(),
    cycle: z.int(),
    started_at: instant,
    duration_ms: z.int(),
    status: z.int().nullable(),
    reason: z.string().nullable(),
    response_headers: z.record(z.string(), z.string()),
    response_body: z.string(),
  })
  .meta({ id: 'Attempt', description: 'One POST of a delivery.' });

export function deliveryRoutes(db: Knex): MountableRoute[] {
  return [
    route({
      method: 'get',
      path: '/v1/deliveries',
      summary: 'List deliveries',
      query: z.strictObject({
        ...pageQuery,
        event_id: idSchema.optional(),
        endpoint_id: idSchema.optional(),
        state: stateSchema.optional(),
      }),
      answer: pageOf(deliverySchema),
      handle: async ({ tenantId, query }) => {
        const { event_id: eventId, endpoint_id: endpointId, state } = query;
        const filter = { eventId, endpointId, state };
        return toPage(query, (page) => listDeliveries(db, tenantId, { filter, page }), toAnswer);
      },
    }),
    route({
      method: 'get',
      path: '/v1/deliveries/{id}',
      summary: 'Read a delivery',
      answer: deliverySchema,
      handle: async ({ tenantId, id }) =>
        toAnswer(found(await findDelivery(db, id, tenantId), 'delivery', id)),
    }),
    route({
      method: 'get',
      path: '/v1/deliveries/{id}/attempts',
      summary: 'List the attempts of a delivery, oldest first',
      answer: pageOf(attemptSchema),
      handle: async ({ tenantId, id }) => {
        const delivery = found(await findDelivery(db, id, tenantId), 'delivery', id);
        const attempts = await listAttempts(db, delivery.id);
        return { data: attempts.map(toAttempt), next_cursor: null };
      },
    }),
  ];
}

function toAnswer(row: DeliveryRow): z.input<typeof deliverySchema> {
  const { id, event_id, event_type, endpoint_id, state, cycle, attempt_count } = row;
  return {
    id,
    event_id,
    event_type,
    endpoint_id,
    state,
    cycle,
    attempt_count,
    next_attempt_at: row.next_attempt_at?.toISOString() ?? null,
    last_status: row.last_status,
    last_reason: row.last_reason,
    created_at: row.created_at.toISOString(),
  };
}

function toAttempt(row: AttemptRow): z.input<typeof attemptSchema> {
  const { number, cycle, duration_ms, status, reason, response_headers } = row;
  return {
    number,
    cycle,
    duration_ms,
    status,
    reason,
    response_headers,
    started_at: row.started_at.toISOString(),
    response_body: row.response_body.toString('utf8'),
  };
}
