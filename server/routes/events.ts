import type { Knex } from 'knex';
import { z } from 'zod';
import { findEvent, listEvents } from '../../src/store/events.ts';
import type { EventRow } from '../../src/store/tables.ts';
import { isDeeper } from '../json-body.ts';
import { route } from '../route.ts';
import type { MountableRoute } from '../route.ts';
import { found, instant, pageOf, pageQuery, toPage } from './answers.ts';
import { depthMax } from '../../src/runtime/body-limits.ts';

/** Commits an event of the platform; throws a Problem for one that the catalog does not know. */
export type PublishEvent = (input: {
  readonly tenantId: string;
  readonly type: string;
  readonly data: unknown;
}) => Promise<{ readonly eventId: string; readonly deliveries: number }>;

const eventSchema = z
  .object({
    id: z.string(),
    direction: z.enum(['inbound', 'outbound']),
    source: z.string(),
    type: z.string(),
    tenant_id: z.string(),
    received_at: instant,
    dedupe_id: z.string().nullable(),
    headers: z.record(z.string(), z.string()),
    body: z.unknown().meta({ description: 'Parsed JSON, or text; null when it is neither' }),
    body_base64: z.string().optional().meta({ description: 'Only when the body is not text' }),
    is_body_left_out: z
      .boolean()
      .optional()
      .meta({ description: 'In lists, for a body over 64 KiB: read the event alone for it' }),
  })
  .meta({ id: 'Event', description: 'A fact, inbound or outbound, as it was recorded.' });

const publishedSchema = z
  .object({ id: z.string(), type: z.string(), deliveries: z.int() })
  .meta({ id: 'PublishedEvent' });

/** Bodies above this are left out of lists: 200 of 25 MiB would be 5 GiB. */
const listedBodyMax = 65_536;

export function eventRoutes(db: Knex, publish: PublishEvent): MountableRoute[] {
  return [publishRoute(publish), ...readRoutes(db)];
}

function publishRoute(publish: PublishEvent): MountableRoute {
  return route({
    method: 'post',
    path: '/v1/events',
    summary: 'Publish an event',
    body: z.strictObject({ type: z.string().min(1).max(200), data: z.unknown() }),
    answer: publishedSchema,
    status: 202,
    handle: async ({ tenantId, body: { type, data } }) => {
      const { eventId, deliveries } = await publish({ tenantId, type, data });
      return { id: eventId, type, deliveries };
    },
    head: ({ id }) => ({ status: 202, location: `/v1/events/${id}` }),
  });
}

function readRoutes(db: Knex): MountableRoute[] {
  return [
    route({
      method: 'get',
      path: '/v1/events',
      summary: 'List events',
      query: z.strictObject({
        ...pageQuery,
        direction: z.enum(['inbound', 'outbound']).optional(),
        source: z.string().optional(),
        type: z.string().optional(),
      }),
      answer: pageOf(eventSchema),
      handle: async ({ tenantId, query: { limit, cursor, ...filter } }) =>
        toPage({ limit, cursor }, (page) => listEvents(db, tenantId, { filter, page }), toListed),
    }),
    route({
      method: 'get',
      path: '/v1/events/{id}',
      summary: 'Read an event',
      answer: eventSchema,
      handle: async ({ tenantId, id }) =>
        toAnswer(found(await findEvent(db, id, tenantId), 'event', id)),
    }),
  ];
}

function toListed(row: EventRow): z.input<typeof eventSchema> {
  if (row.body.length <= listedBodyMax) return toAnswer(row);
  return { ...toFacts(row), body: null, is_body_left_out: true };
}

function toAnswer(row: EventRow): z.input<typeof eventSchema> {
  return { ...toFacts(row), ...showBody(row) };
}

function toFacts(row: EventRow): Omit<z.input<typeof eventSchema>, 'body'> {
  const { id, direction, source, type, tenant_id, dedupe_id, headers } = row;
  const received_at = row.received_at.toISOString();
  return { id, direction, source, type, tenant_id, received_at, dedupe_id, headers };
}

function showBody({ body, content_type: type }: EventRow): { body: unknown; body_base64?: string } {
  const text = decode(body);
  if (text === undefined) return { body: null, body_base64: body.toString('base64') };
  return { body: /[/+]json\b/i.test(type ?? '') ? parseOrText(text) : text };
}

function decode(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined; // Bytes that are no text are shown in base64.
  }
}

function parseOrText(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return isDeeper(value, depthMax) ? text : value;
  } catch {
    return text; // A sender may call anything JSON.
  }
}
