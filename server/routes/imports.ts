import type { Knex } from 'knex';
import { z } from 'zod';
import {
  importItemSchema,
  importStates,
  mistakesOf,
  sourceSchema,
} from '../../src/domain/import.ts';
import { makeId } from '../../src/runtime/ids.ts';
import { recordAudit } from '../../src/store/audit-log.ts';
import type { ImportRow } from '../../src/store/import-tables.ts';
import {
  findImport,
  listImportErrors,
  listImports,
  recordImport,
  toldErrorsMax,
} from '../../src/store/imports.ts';
import type { SentItem } from '../../src/store/imports.ts';
import { auditEntry } from '../audit.ts';
import { route } from '../route.ts';
import type { MountableRoute } from '../route.ts';
import { found, instant, pageOf, pageQuery, toPage } from './answers.ts';

/** A thousand issues with the longest fields are larger; with honest ones they are 500 KiB. */
const bodyMax = 5_242_880;

const requestSchema = z.strictObject({
  source: sourceSchema,
  items: z.array(z.unknown()).min(1).max(1000).meta({
    description:
      'Issues: `{repository, number, title, state, url}`. Each is checked on its own: a bad one is an error of that item',
  }),
});

const importSchema = z
  .object({
    id: z.string(),
    source: z.string(),
    state: z.enum(importStates),
    item_count: z.int().meta({ description: 'All that were sent' }),
    count: z.int().meta({ description: 'Taken so far' }),
    error_count: z.int(),
    created_at: instant,
    started_at: instant.nullable(),
    ended_at: instant.nullable(),
  })
  .meta({ id: 'Import', description: 'Issues of elsewhere, on their way into our table.' });

const readSchema = importSchema
  .extend({
    errors: z
      .array(z.object({ pointer: z.string(), detail: z.string() }))
      .meta({ description: `The first ${toldErrorsMax}` }),
  })
  .meta({ id: 'ReadImport', description: 'An import with what could not be taken, and why.' });

export interface ImportParts {
  readonly db: Knex;
  readonly now: () => Date;
  /** Starts what was planned; called after it is committed. */
  readonly wake: () => void;
}

export function importRoutes(parts: ImportParts): MountableRoute[] {
  return [startRoute(parts), ...readRoutes(parts)];
}

function startRoute({ db, now, wake }: ImportParts): MountableRoute {
  return route({
    method: 'post',
    path: '/v1/imports',
    summary: 'Import issues',
    body: requestSchema,
    bodyMax,
    answer: z.object({ id: z.string(), state: z.literal('pending') }),
    status: 202,
    handle: async (call) => {
      const { tenantId: tenant_id, body } = call;
      const { source } = body;
      const created_at = now();
      const id = makeId('imp', created_at);
      const items = body.items.map(toSentItem);
      await db.transaction(async (tx) => {
        await recordImport(tx, { id, tenant_id, source, created_at }, items);
        const detail = { source, items: items.length };
        await recordAudit(tx, auditEntry(call, { action: 'import.start', subject: id, detail }));
      });
      wake();
      return { id, state: 'pending' as const };
    },
    head: ({ id }) => ({ status: 202, location: `/v1/imports/${id}` }),
  });
}

function readRoutes({ db }: ImportParts): MountableRoute[] {
  return [
    route({
      method: 'get',
      path: '/v1/imports',
      summary: 'List imports',
      query: z.strictObject({
        ...pageQuery,
        state: z.enum(importStates).optional(),
        source: sourceSchema.optional(),
      }),
      answer: pageOf(importSchema),
      handle: async ({ tenantId, query: { state, source, ...page } }) => {
        const filter = {
          ...(state !== undefined && { state }),
          ...(source !== undefined && { source }),
        };
        const list = listImports.bind(null, db, tenantId);
        return toPage(page, (asked) => list({ filter, page: asked }), toImport);
      },
    }),
    route({
      method: 'get',
      path: '/v1/imports/{id}',
      summary: 'Read an import and what could not be taken',
      answer: readSchema,
      handle: async ({ tenantId, id }) => {
        const row = found(await findImport(db, id, tenantId), 'import', id);
        const errors = await listImportErrors(db, id);
        return {
          ...toImport(row),
          errors: errors.map(({ position, error }) => ({
            pointer: `/items/${position}`,
            detail: error,
          })),
        };
      },
    }),
  ];
}

function toSentItem(raw: unknown): SentItem {
  const parsed = importItemSchema.safeParse(raw);
  if (parsed.success) return { item: parsed.data, error: null };
  return { item: null, error: mistakesOf(parsed.error).join('; ') };
}

function toImport(row: ImportRow): z.input<typeof importSchema> {
  const { id, source, state, item_count, taken_count: count, error_count } = row;
  return {
    id,
    source,
    state,
    item_count,
    count,
    error_count,
    created_at: row.created_at.toISOString(),
    started_at: row.started_at?.toISOString() ?? null,
    ended_at: row.ended_at?.toISOString() ?? null,
  };
}
