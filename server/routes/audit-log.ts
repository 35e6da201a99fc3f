import type { Knex } from 'knex';
import { z } from 'zod';
import { listAudit } from '../../src/store/audit-log.ts';
import type { AuditRow } from '../../src/store/access-tables.ts';
import { route } from '../route.ts';
import type { MountableRoute } from '../route.ts';
import { instant, pageOf, pageQuery, toPage } from './answers.ts';

const auditEntrySchema = z
  .object({
    id: z.string(),
    at: instant,
    actor: z
      .string()
      .meta({ description: 'The id of an API key, `console` for a browser, or `start`' }),
    action: z.string().meta({ description: '`api_key.create`, …' }),
    subject: z.string().meta({ description: 'The id of what it was done to' }),
    detail: z.unknown(),
  })
  .meta({ id: 'AuditEntry', description: 'What a person or a key did.' });

const filterSchema = z.string().min(1).max(200);

export function auditLogRoutes(db: Knex): MountableRoute[] {
  return [
    route({
      method: 'get',
      path: '/v1/audit-log',
      summary: 'List who did what',
      query: z.strictObject({
        ...pageQuery,
        action: filterSchema.optional(),
        subject: filterSchema.optional(),
      }),
      answer: pageOf(auditEntrySchema),
      handle: async ({ tenantId, query: { limit, cursor, action, subject } }) => {
        // A filter that was not given must be absent: knex refuses undefined.
        const filter = {
          ...(action !== undefined && { action }),
          ...(subject !== undefined && { subject }),
        };
        const list = (page: { limit: number; cursor?: string | undefined }): Promise<AuditRow[]> =>
          listAudit(db, tenantId, { filter, page });
        return toPage({ limit, cursor }, list, toAnswer);
      },
    }),
  ];
}

function toAnswer(row: AuditRow): z.input<typeof auditEntrySchema> {
  const { id, actor, action, subject, detail } = row;
  return { id, at: row.at.toISOString(), actor, action, subject, detail };
}
