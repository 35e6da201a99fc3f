import { z } from 'zod';
import { durationText } from '../../src/domain/duration.ts';
import type { EndpointRow } from '../../src/store/delivery-tables.ts';
import { instant } from './answers.ts';

const shownAuthSchema = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('basic'), username: z.string() }),
    z.object({ kind: z.literal('bearer') }),
    z.object({
      kind: z.literal('oauth2'),
      token_url: z.string(),
      client_id: z.string(),
      scope: z.string().nullable(),
    }),
    z.object({ kind: z.literal('mtls'), subject: z.string(), valid_to: instant }),
  ])
  .meta({ id: 'EndpointAuth', description: 'How attempts introduce themselves, without secrets.' });

/** What was set of it; null = not at all. */
export const shownSettings = {
  filter: z.string().nullable(),
  metadata: z.record(z.string(), z.string()),
  headers: z.record(z.string(), z.string()),
  auth: shownAuthSchema.nullable(),
  format: z.enum(['standard', 'cloudevents-structured', 'cloudevents-binary']),
  schedule: z.array(z.string()).nullable(),
  timeout: z.string().nullable(),
  rate_limit: z.int().nullable(),
  in_flight_max: z.int().nullable(),
  order_by: z.string().nullable(),
  on_outage: z.enum(['retry', 'park']),
  redrives_on_recovery: z.boolean(),
  ack_window: z.string().nullable(),
  effective: z
    .object({ schedule: z.array(z.string()), timeout: z.string() })
    .meta({ description: "What holds for it: its own, or the platform's" }),
};

/** What holds for an endpoint that sets nothing of its own. */
export interface PlatformSettings {
  /** The wait before each attempt, in milliseconds. */
  readonly schedule: readonly number[];
  /** How long a consumer has to answer. */
  readonly timeoutMs: number;
}

/** What was set of an endpoint, as it was given, and what holds. */
export function toSettings(
  row: EndpointRow,
  platform: PlatformSettings,
): z.input<z.ZodObject<typeof shownSettings>> {
  const { filter, metadata, headers, auth, format, rate_limit, in_flight_max } = row;
  const { order_by, on_outage, redrives_on_recovery } = row;
  return {
    filter,
    metadata,
    headers,
    auth,
    format,
    schedule: row.schedule_ms?.map(durationText) ?? null,
    timeout: duration(row.timeout_ms),
    rate_limit,
    in_flight_max,
    order_by,
    on_outage,
    redrives_on_recovery,
    ack_window: duration(row.ack_window_ms),
    effective: {
      schedule: (row.schedule_ms ?? platform.schedule).map(durationText),
      timeout: durationText(row.timeout_ms ?? platform.timeoutMs),
    },
  };
}

function duration(ms: number | null): string | null {
  return ms === null ? null : durationText(ms);
}
