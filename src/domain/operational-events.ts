import { z } from 'zod';

const id = z.string().min(1);
const count = z.number().int().min(0);
const instant = z.iso.datetime();

/**
 * What the platform says of its own work: entries of the catalog that only endpoints get which name
 * them, or ask for `endpoint.*`; `*` does not bring them.
 */
export const operationalEvents = {
  'endpoint.failing': {
    summary: 'An endpoint does not take its deliveries',
    when: 'after 10 failed attempts in a row (stage 1), after 50 or an hour (2), after 250 or a day (3)',
    isVerbose: false,
    data: z.looseObject({
      endpoint_id: id,
      url: id,
      stage: z.number().int().min(1).max(3),
      since: instant,
      failures: count,
      reason: id,
      last_status: z.number().int().nullable(),
    }),
    example: {
      endpoint_id: 'ep_1',
      url: 'https://example.com/hook',
      stage: 1,
      since: '2026-01-31T12:00:00.000Z',
      failures: 10,
      reason: 'status',
      last_status: 503,
    },
  },
  'endpoint.recovered': {
    summary: 'An endpoint that was failing takes its deliveries again',
    when: 'once what an outage held back is on its way',
    isVerbose: false,
    data: z.looseObject({
      endpoint_id: id,
      url: id,
      since: instant,
      recovered_at: instant,
      failures: count,
    }),
    example: {
      endpoint_id: 'ep_1',
      url: 'https://example.com/hook',
      since: '2026-01-31T12:00:00.000Z',
      recovered_at: '2026-01-31T12:40:00.000Z',
      failures: 57,
    },
  },
  'endpoint.disabled': {
    summary: 'An endpoint gets nothing more until a person resumes it',
    when: 'when it answered 410, failed for five days, or was disabled by a person',
    isVerbose: false,
    data: z.looseObject({
      endpoint_id: id,
      url: id,
      reason: z.enum(['gone', 'failing', 'operator']),
      since: instant.nullable(),
      failures: count,
    }),
    example: {
      endpoint_id: 'ep_1',
      url: 'https://example.com/hook',
      reason: 'failing',
      since: '2026-01-31T12:00:00.000Z',
      failures: 412,
    },
  },
} as const;

/** Whether a type is the platform's word about itself, which `*` does not bring. */
export function isOperationalType(type: string): boolean {
  return Object.hasOwn(operationalEvents, type);
}
