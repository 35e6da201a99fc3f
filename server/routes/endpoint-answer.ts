import { z } from 'zod';
import type { EndpointActivity, EndpointHealth } from '../../src/store/endpoint-health.ts';
import type { FailingEndpointRow } from '../../src/store/endpoint-health-tables.ts';
import type { EndpointRow } from '../../src/store/delivery-tables.ts';
import type { Waiting } from '../../src/store/endpoint-resumes.ts';
import { instant } from './answers.ts';
import { failingShape, stageOf, stageSchema, toFailing } from './endpoint-health-answer.ts';
import type { Failing } from './endpoint-health-answer.ts';
import { shownSettings, toSettings } from './endpoint-setting-answer.ts';
import type { PlatformSettings } from './endpoint-setting-answer.ts';

export const endpointStateSchema = z.enum(['enabled', 'paused', 'disabled']);

export const endpointSchema = z
  .object({
    id: z.string(),
    url: z.string(),
    event_types: z.array(z.string()),
    state: endpointStateSchema,
    state_reason: z.string().nullable(),
    state_since: instant.nullable().meta({ description: 'Since when it is not enabled' }),
    description: z.string().nullable(),
    created_at: instant,
    held: z.int().meta({
      description: 'Parked deliveries that a resume sends: held by a pause or an outage',
    }),
    skipped: z.int().meta({
      description: 'Deliveries that it missed since it was disabled: a resume sends them too',
    }),
    ...shownSettings,
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
    stage: stageSchema,
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
        ...failingShape,
        last_success_at: instant.nullable(),
        last_failure_at: instant.nullable(),
      })
      .meta({ description: 'Of its newest deliveries of the last 24 hours: at most 1,000' }),
  })
  .meta({ id: 'EndpointWithHealth', description: 'An endpoint and how it does.' });

/** Why a URL can't be an endpoint's, or `undefined`. */
export type RefuseUrl = (raw: string) => string | undefined;

export function toEndpoint(
  row: EndpointRow,
  platform: PlatformSettings,
  { held, skipped }: Waiting = { held: 0, skipped: 0 },
): z.input<typeof endpointSchema> {
  const { id, url, event_types, state, state_reason, description } = row;
  return {
    id,
    url,
    event_types,
    state,
    state_reason,
    state_since: state === 'enabled' ? null : written(row.state_since),
    description,
    created_at: row.created_at.toISOString(),
    held,
    skipped,
    ...toSettings(row, platform),
  };
}

export function toListedEndpoint(
  endpoint: z.input<typeof endpointSchema>,
  activity: EndpointActivity | undefined,
  failing: FailingEndpointRow | undefined,
): z.input<typeof listedEndpointSchema> {
  const { deliveries = 0, delivered = 0, retrying = 0, dead = 0 } = activity ?? {};
  const last_delivery_at = written(activity?.last_delivery_at);
  const last_failed_at = written(activity?.last_failed_at);
  const recent = { deliveries, delivered, retrying, dead, last_delivery_at, last_failed_at };
  return { ...endpoint, recent, stage: stageOf(failing) };
}

function written(at: Date | null | undefined): string | null {
  return at?.toISOString() ?? null;
}

export function toHealth(
  health: EndpointHealth,
  failing: Failing,
): z.input<typeof healthyEndpointSchema>['health'] {
  const { deliveries, delivered, dead, attempts, failed_attempts } = health;
  const { p50_ms, p95_ms } = health;
  return {
    last_24h: { deliveries, delivered, dead, attempts, failed_attempts },
    success_rate: attempts === 0 ? null : (attempts - failed_attempts) / attempts,
    p50_ms,
    p95_ms,
    ...toFailing(failing, health.consecutive_failures),
    last_success_at: health.last_success_at?.toISOString() ?? null,
    last_failure_at: health.last_failure_at?.toISOString() ?? null,
  };
}
