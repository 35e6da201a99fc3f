import type { Knex } from 'knex';
import { z } from 'zod';
import {
  findDeadLetter,
  listDeadLetterGroups,
  listDeadLetters,
} from '../../src/store/dead-letters.ts';
import { route } from '../route.ts';
import type { MountableRoute } from '../route.ts';
import { found, instant, pageOf, pageQuery } from './answers.ts';
import { deadLetterKindSchema, deadLetterSchema, toDeadLetter } from './dead-letter-answer.ts';
import {
  deadLetterCursorText,
  deadLetterFilterFields,
  readCursor,
  toDeadLetterFilter,
  writeCursor,
} from './dead-letter-filter.ts';
import { settlingRoutes } from './dead-letter-settling.ts';

const groupSchema = z
  .object({
    kind: deadLetterKindSchema,
    endpoint_id: z.string().nullable(),
    endpoint_url: z.string().nullable(),
    trigger: z.string().nullable(),
    reason: z.string(),
    count: z.int(),
    first_died_at: instant,
    last_died_at: instant,
  })
  .meta({ id: 'DeadLetterGroup', description: 'What died of one reason at one place.' });

/** Enough for a person to look through; the rest are groups of few. */
const groupsMax = 200;

/** @param wake - starts what was planned; called after everything is committed */
export function deadLetterRoutes(db: Knex, wake: () => void): MountableRoute[] {
  // Groups before a single one, whose path would match theirs.
  return [listRoute(db), groupsRoute(db), findRoute(db), ...settlingRoutes(db, wake)];
}

function listRoute(db: Knex): MountableRoute {
  return route({
    method: 'get',
    path: '/v1/dead-letters',
    summary: 'List dead letters, newest death first',
    query: z.strictObject({
      ...pageQuery,
      ...deadLetterFilterFields,
      cursor: deadLetterCursorText,
    }),
    answer: pageOf(deadLetterSchema),
    handle: async ({ tenantId, query: { limit, cursor, ...wanted } }) => {
      const filter = toDeadLetterFilter(wanted);
      const page = { limit: limit + 1, after: readCursor('list', filter, cursor) };
      const rows = await listDeadLetters(db, tenantId, { filter, page });
      const shown = rows.slice(0, limit);
      const last = rows.length > limit ? shown.at(-1) : undefined;
      return {
        data: shown.map(toDeadLetter),
        next_cursor: last ? writeCursor('list', filter, last) : null,
      };
    },
  });
}

function groupsRoute(db: Knex): MountableRoute {
  return route({
    method: 'get',
    path: '/v1/dead-letters/groups',
    summary: 'Group dead letters by place and reason, most first; open ones unless told otherwise',
    query: z.strictObject(deadLetterFilterFields),
    answer: pageOf(groupSchema).extend({
      is_cut: z
        .boolean()
        .meta({ description: 'There are more groups, of fewer dead letters each' }),
    }),
    handle: async ({ tenantId, query }) => {
      const filter = { ...toDeadLetterFilter(query), state: query.state ?? ('open' as const) };
      const groups = await listDeadLetterGroups(db, tenantId, { filter, limit: groupsMax + 1 });
      const data = groups.slice(0, groupsMax).map((group) => ({
        ...group,
        first_died_at: group.first_died_at.toISOString(),
        last_died_at: group.last_died_at.toISOString(),
      }));
      return { data, next_cursor: null, is_cut: groups.length > groupsMax };
    },
  });
}

function findRoute(db: Knex): MountableRoute {
  return route({
    method: 'get',
    path: '/v1/dead-letters/{id}',
    summary: 'Read a dead letter',
    answer: deadLetterSchema,
    handle: async ({ tenantId, id }) =>
      toDeadLetter(found(await findDeadLetter(db, id, tenantId), 'dead letter', id)),
  });
}
