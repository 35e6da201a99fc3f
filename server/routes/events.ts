import type { Knex } from 'knex';
import { z } from 'zod';
import { listEventContents, listEvents } from '../../src/store/event-list.ts';
import type { EventFilter, ListedEvent } from '../../src/store/event-list.ts';
import { findEvent } from '../../src/store/events.ts';
import { route } from '../route.ts';
import type { MountableRoute } from '../route.ts';
import { found, idSchema, moment, pageOf, pageQuery, toPage } from './answers.ts';
import { eventSchema, listedEventSchema, toEvent, toListedEvent } from './event-answer.ts';
import { admit, deliveryCounts, newEventSchema, publishOf } from './event-publishing.ts';
import type { PublishingParts } from './event-publishing.ts';
import { timelineRoute } from './event-timeline.ts';

const publishedSchema = z
  .object({
    id: z.string().meta({ description: 'Of a duplicate: the first one’s' }),
    type: z.string(),
    status: z.enum(['accepted', 'duplicate']),
    ...deliveryCounts,
  })
  .meta({ id: 'PublishedEvent' });

export interface EventParts extends PublishingParts {
  readonly db: Knex;
}

const listQuery = z.strictObject({
  ...pageQuery,
  direction: z.enum(['inbound', 'outbound']).optional(),
  source: z.string().max(100).optional().meta({ description: 'A channel, or `platform`' }),
  type: z.string().max(200).optional().meta({ description: 'Whole, or as `pull_request.*`' }),
  integration_id: idSchema.optional(),
  from: moment.optional(),
  to: moment.optional(),
  state: z
    .enum(['failed'])
    .optional()
    .meta({ description: 'Only those of which something is an open dead letter' }),
  text: z.string().min(1).max(300).optional().meta({
    description:
      'An id, its beginning (`evt_` and at least 4 hex digits), or a dedupe id as a whole',
  }),
  include: z.enum(['body']).optional().meta({ description: 'Headers and bodies too' }),
});

/** Bodies above this are left out of lists: 200 of 25 MiB would be 5 GiB. */
const listedBodyMax = 65_536;

export function eventRoutes(parts: EventParts): MountableRoute[] {
  const { db } = parts;
  return [publishRoute(parts), listRoute(db), readRoute(db), timelineRoute(db)];
}

function publishRoute(parts: EventParts): MountableRoute {
  return route({
    method: 'post',
    path: '/v1/events',
    summary: 'Publish an event',
    body: newEventSchema,
    answer: publishedSchema,
    status: 202,
    handle: async (call) => {
      const { tenantId, body } = call;
      const refused = (await admit(parts, tenantId, [body])).get(body);
      if (refused) throw refused;
      const { eventId: id, ...published } = await publishOf(parts, call, body);
      return { id, type: body.type, ...published };
    },
    head: ({ id }) => ({ status: 202, location: `/v1/events/${id}` }),
  });
}

function listRoute(db: Knex): MountableRoute {
  return route({
    method: 'get',
    path: '/v1/events',
    summary: 'List events',
    query: listQuery,
    answer: pageOf(listedEventSchema),
    handle: async ({ tenantId, query }) => {
      const filter = toFilter(query);
      const list = listEvents.bind(null, db, tenantId);
      const { data, next_cursor } = await toPage<ListedEvent, ListedEvent>(
        query,
        (page) => list({ filter, page }),
        (row) => row,
      );
      if (query.include === undefined) {
        return { data: data.map((row) => toListedEvent(row)), next_cursor };
      }
      const contents = await listEventContents(db, data, listedBodyMax);
      return { data: data.map((row) => toListedEvent(row, contents.get(row.id))), next_cursor };
    },
  });
}

function toFilter(query: z.output<typeof listQuery>): EventFilter {
  const { direction, source, type, integration_id: integrationId, from, to, state, text } = query;
  return {
    direction,
    source,
    type,
    integrationId,
    from: from === undefined ? undefined : new Date(from),
    to: to === undefined ? undefined : new Date(to),
    state,
    text,
  };
}

function readRoute(db: Knex): MountableRoute {
  return route({
    method: 'get',
    path: '/v1/events/{id}',
    summary: 'Read an event',
    answer: eventSchema,
    handle: async ({ tenantId, id }) =>
      toEvent(found(await findEvent(db, id, tenantId), 'event', id)),
  });
}
