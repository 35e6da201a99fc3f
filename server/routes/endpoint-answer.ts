import { z } from 'zod';
import { Problem } from '../../src/domain/problem.ts';
import type { EndpointActivity, EndpointHealth } from '../../src/store/endpoint-health.ts';
import type { EndpointRow } from '../../src/store/delivery-tables.ts';
import { instant } from './answers.ts';

export const endpointStateSchema = z.enum(['enabled', 'paused', 'disabled']);

export const endpointSchema = z
  .object({
    id: z.string(),
    url: z.string(),
    event_types: z.array(z.string()),
    state: endpointStateSchema,
    state_reason: z.string().nullable(),
    description: z.string().nullable(),
    created_at: instant,
    held: z.int().meta({ description: 'Deliveries that wait because it is, or was, paused' }),
  })
  .meta({ id: 'Endpoint', description: "A customer's URL with its secret and state." });

export const listedEndpointSchema = endpointSchema
  .extend({
    recent: z
      .object({
        deliveries: z.int(),
        delivered: z.int(),
        retrying: z.int(),
        dead: z.int(),
        last_delivery_at: instant.nullable(),
        last_failed_at: instant
          .nullable()
          .meta({ description: 'When the newest of the retrying and dead ones was made' }),
      })
      .meta({ description: 'Of its newest deliveries of the last 24 hours: at most 50' }),
  })
  .meta({ id: 'ListedEndpoint', description: 'An endpoint and what came of it lately.' });

export const healthyEndpointSchema = endpointSchema
  .extend({
    health: z
      .object({
        last_24h: z.object({
          deliveries: z.int(),
          delivered: z.int(),
          dead: z.int(),
          attempts: z.int(),
          failed_attempts: z.int(),
        }),
        success_rate: z
          .number()
          .nullable()
          .meta({ description: 'Delivered attempts of all, 0 to 1; null without attempts' }),
        p50_ms: z.int().nullable(),
        p95_ms: z.int().nullable(),
        consecutive_failures: z.int(),
        last_success_at: instant.nullable(),
        last_failure_at: instant.nullable(),
      })
      .meta({ description: 'Of its newest deliveries of the last 24 hours: at most 1,000' }),
  })
  .meta({ id: 'EndpointWithHealth', description: 'An endpoint and how it does.' });

/** Why a URL can't be an endpoint's, or `undefined`. */
export type RefuseUrl = (raw: string) => string | undefined;

/** @throws Problem `url-refused` */
export function checkUrl(refuseUrl: RefuseUrl, url: string): void {
  const why = refuseUrl(url);
  if (why !== undefined) throw new Problem('url-refused', why, [{ pointer: '/url', detail: why }]);
}

/** @param held - how many deliveries it holds back */
export function toEndpoint(row: EndpointRow, held: number): z.input<typeof endpointSchema> {
  const { id, url, event_types, state, state_reason, description } = row;
  const created_at = row.created_at.toISOString();
  return { id, url, event_types, state, state_reason, description, created_at, held };
}

export function toListedEndpoint(
  row: EndpointRow,
  activity: EndpointActivity | undefined,
): z.input<typeof listedEndpointSchema> {
  const { held = 0, deliveries = 0, delivered = 0, retrying = 0, dead = 0 } = activity ?? {};
  const last_delivery_at = written(activity?.last_delivery_at);
  const last_failed_at = written(activity?.last_failed_at);
  const recent = { deliveries, delivered, retrying, dead, last_delivery_at, last_failed_at };
  return { ...toEndpoint(row, held), recent };
}

function written(at: Date | null | undefined): string | null {
  return at?.toISOString() ?? null;
}

export function toHealth(health: EndpointHealth): z.input<typeof healthyEndpointSchema>['health'] {
  const { deliveries, delivered, dead, attempts, failed_attempts } = health;
  const { p50_ms, p95_ms, consecutive_failures } = health;
  return {
    last_24h: { deliveries, delivered, dead, attempts, failed_attempts },
    success_rate: attempts === 0 ? null : (attempts - failed_attempts) / attempts,
    p50_ms,
    p95_ms,
    consecutive_failures,
    last_success_at: health.last_success_at?.toISOString() ?? null,
    last_failure_at: health.last_failure_at?.toISOString() ?? null,
  };
}
