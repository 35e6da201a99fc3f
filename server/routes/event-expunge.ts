import type { Knex } from 'knex';
import { z } from 'zod';
import { recordAudit } from '../../src/store/audit-log.ts';
import { expungePayload } from '../../src/store/expunge.ts';
import { auditEntry } from '../audit.ts';
import { route } from '../route.ts';
import type { MountableRoute } from '../route.ts';
import { found, instant } from './answers.ts';
import { wordsOf } from './dead-letter-filter.ts';

const expungedSchema = z
  .object({ id: z.string(), payload_dropped_at: instant })
  .meta({ id: 'ExpungedEvent', description: 'An event without its payload.' });

export function eventExpungeRoutes(db: Knex): MountableRoute[] {
  return [
    route({
      method: 'post',
      path: '/v1/events/{id}/expunge',
      summary:
        'Drop the payload of an event for good: what is still to be sent of it ends as cancelled',
      body: z.strictObject({
        reason: wordsOf(500).meta({ description: 'Who asked for it and why: for the audit log' }),
      }),
      answer: expungedSchema,
      handle: async (call) => {
        const { id, tenantId, body } = call;
        const droppedAt = await db.transaction(async (tx) => {
          const at = found(
            await expungePayload(tx, { id, tenantId, now: new Date() }),
            'event',
            id,
          );
          const entry = { action: 'event.expunge', subject: id, detail: { reason: body.reason } };
          await recordAudit(tx, auditEntry(call, entry));
          return at;
        });
        return { id, payload_dropped_at: droppedAt.toISOString() };
      },
    }),
  ];
}
