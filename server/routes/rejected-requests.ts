import type { Knex } from 'knex';
import { z } from 'zod';
import { channelNames } from '../../src/domain/channel.ts';
import { Problem } from '../../src/domain/problem.ts';
import { decodeText } from '../../src/runtime/body.ts';
import {
  findRejectedRequest,
  listRejectedRequestIds,
  listRejectedRequests,
} from '../../src/store/rejected-requests.ts';
import type {
  ListedRejectedRequest,
  RejectedRequestFilter,
} from '../../src/store/rejected-requests.ts';
import type { RejectedRequestRow } from '../../src/store/tables.ts';
import { adviceOnRejection } from '../rejection-advice.ts';
import type { Release } from '../release.ts';
import { route } from '../route.ts';
import type { MountableRoute } from '../route.ts';
import { found, idSchema, instant, moment, pageOf, pageQuery, toPage } from './answers.ts';

const reasonSchema = z.enum(Object.keys(adviceOnRejection) as RejectedRequestRow['reason'][]);

const listedSchema = z
  .object({
    id: z.string(),
    integration_id: z.string(),
    channel: z.enum(channelNames),
    received_at: instant,
    reason: reasonSchema,
    status: z.int(),
    detail: z.string().meta({ description: 'What the sender was told to change' }),
    what_to_do: z.string().meta({ description: 'What an operator does about it' }),
    clock_difference_s: z
      .number()
      .nullable()
      .meta({ description: "Our clock minus the sender's timestamp" }),
    received_signature: z
      .string()
      .nullable()
      .meta({ description: 'The first eight hex digits of each, decoded' }),
    computed_signatures: z
      .array(z.string())
      .meta({ description: 'The same of what would match, one per valid secret' }),
    body_bytes: z.int(),
    state: z.enum(['kept', 'released']),
    event_id: z.string().nullable(),
    is_releasable: z
      .boolean()
      .meta({ description: 'False when it was too large to be kept whole, or is released' }),
  })
  .meta({ id: 'RejectedRequest', description: 'A request that was not verified or understood.' });

const wholeSchema = listedSchema
  .extend({
    method: z.string(),
    query: z.string(),
    headers: z.record(z.string(), z.string()),
    body: z.string().nullable().meta({ description: 'The first 64 KiB; null when it is no text' }),
    body_base64: z.string().optional().meta({ description: 'Only when the body is no text' }),
  })
  .meta({ id: 'WholeRejectedRequest', description: 'Secrets in it are replaced by `***`.' });

const filterFields = {
  integration_id: idSchema.optional(),
  channel: z.enum(channelNames).optional(),
  reason: reasonSchema.optional(),
  from: moment.optional(),
  to: moment.optional(),
};

const releaseFields = {
  ignore_time: z
    .boolean()
    .default(false)
    .meta({ description: 'Take it although its timestamp is out of the tolerance by now' }),
};

const releasedSchema = z
  .object({ id: z.string(), event_id: z.string(), status: z.enum(['accepted', 'duplicate']) })
  .meta({ id: 'ReleasedRequest' });

/** Released one after the other, so that a bulk release does not take the pool from everyone else. */
const bulkMax = 500;

const bulkSchema = z
  .object({
    matched: z.int().meta({ description: `Of this call: at most ${bulkMax}, the newest first` }),
    accepted: z.int(),
    duplicate: z.int(),
    refused: z.array(z.object({ id: z.string(), reason: z.string() })),
    next_cursor: z
      .string()
      .nullable()
      .meta({ description: 'The `cursor` of the next call; null when all were looked at' }),
  })
  .meta({ id: 'BulkRelease' });

export interface RejectedRequestParts {
  readonly db: Knex;
  readonly release: Release;
}

export function rejectedRequestRoutes(parts: RejectedRequestParts): MountableRoute[] {
  return [...readRoutes(parts.db), releaseRoute(parts), bulkRoute(parts)];
}

function readRoutes(db: Knex): MountableRoute[] {
  return [
    route({
      method: 'get',
      path: '/v1/rejected-requests',
      summary: 'List rejected requests, newest first',
      query: z.strictObject({
        ...pageQuery,
        ...filterFields,
        state: z.enum(['kept', 'released']).optional(),
      }),
      answer: pageOf(listedSchema),
      handle: async ({ tenantId, query }) => {
        const filter = { ...toFilter(query), state: query.state };
        const list = listRejectedRequests.bind(null, db, tenantId);
        return toPage(query, (page) => list({ filter, page }), toListed);
      },
    }),
    route({
      method: 'get',
      path: '/v1/rejected-requests/{id}',
      summary: 'Read a rejected request, secrets replaced',
      answer: wholeSchema,
      handle: async ({ tenantId, id }) =>
        toWhole(found(await findRejectedRequest(db, id, tenantId), 'rejected request', id)),
    }),
  ];
}

function releaseRoute({ release }: RejectedRequestParts): MountableRoute {
  return route({
    method: 'post',
    path: '/v1/rejected-requests/{id}/release',
    summary: "Verify a rejected request with today's secrets, and accept it once",
    body: z.strictObject(releaseFields),
    answer: releasedSchema,
    handle: async ({ tenantId, actor, id, body }) => {
      const options = { tenantId, actor, isTimeIgnored: body.ignore_time };
      const { eventId, status } = await release(id, options);
      return { id, event_id: eventId, status };
    },
  });
}

function bulkRoute({ db, release }: RejectedRequestParts): MountableRoute {
  return route({
    method: 'post',
    path: '/v1/rejected-requests/release',
    summary: 'Release all rejected requests that match',
    body: z.strictObject({
      filter: z.strictObject(filterFields),
      cursor: idSchema.optional().meta({ description: 'The `next_cursor` of the call before' }),
      ...releaseFields,
    }),
    answer: bulkSchema,
    handle: async ({ tenantId, actor, body }) => {
      const filter = { ...toFilter(body.filter), state: 'kept' as const };
      const page = { limit: bulkMax + 1, cursor: body.cursor };
      const matched = await listRejectedRequestIds(db, tenantId, { filter, page });
      const ids = matched.slice(0, bulkMax);
      const next = matched.length > bulkMax ? ids.at(-1) : undefined;
      const options = { tenantId, actor, isTimeIgnored: body.ignore_time };
      const outcomes = await releaseEach(ids.toReversed(), (id) => release(id, options));
      return { matched: ids.length, ...outcomes, next_cursor: next ?? null };
    },
  });
}

/** In the order given: oldest first, as the sender sent them. */
async function releaseEach(ids: readonly string[], release: (id: string) => ReturnType<Release>) {
  const count = { accepted: 0, duplicate: 0 };
  const refused: { id: string; reason: string }[] = [];
  for (const id of ids) {
    try {
      count[(await release(id)).status] += 1;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      refused.push({ id, reason: error.message });
    }
  }
  return { ...count, refused };
}

function toFilter({
  integration_id: integrationId,
  channel,
  reason,
  from,
  to,
}: {
  [K in keyof typeof filterFields]?: z.output<(typeof filterFields)[K]>;
}): RejectedRequestFilter {
  return {
    integrationId,
    channel,
    reason,
    from: from === undefined ? undefined : new Date(from),
    to: to === undefined ? undefined : new Date(to),
  };
}

function toListed(row: ListedRejectedRequest): z.input<typeof listedSchema> {
  return {
    id: row.id,
    integration_id: row.integration_id,
    channel: row.channel,
    received_at: row.received_at.toISOString(),
    reason: row.reason,
    status: row.status,
    detail: row.detail,
    what_to_do: adviceOnRejection[row.reason],
    clock_difference_s: row.skew_s,
    received_signature: row.received_signature,
    computed_signatures: row.computed_signatures,
    body_bytes: row.body_bytes,
    state: row.state,
    event_id: row.event_id,
    is_releasable: row.is_whole && row.state === 'kept',
  };
}

function toWhole(row: RejectedRequestRow): z.input<typeof wholeSchema> {
  const { method, query, headers, body } = row;
  const text = decodeText(body);
  return {
    ...toListed({ ...row, is_whole: row.sealed !== null }),
    method,
    query,
    headers,
    body: text ?? null,
    ...(text === undefined && { body_base64: body.toString('base64') }),
  };
}
