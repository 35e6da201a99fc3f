import type { Knex } from 'knex';
import { z } from 'zod';
import { Problem } from '../../src/domain/problem.ts';
import { unconfirmedMax } from '../../src/domain/replay.ts';
import { recordAudit } from '../../src/store/audit-log.ts';
import {
  countWaiting,
  finishResume,
  setOutageParkedPaused,
} from '../../src/store/endpoint-resumes.ts';
import type { Waiting } from '../../src/store/endpoint-resumes.ts';
import { findEndpoint, lockEndpoint, setEndpoint } from '../../src/store/endpoints.ts';
import { endOutage } from '../../src/store/failing-endpoints.ts';
import { auditEntry } from '../audit.ts';
import { route } from '../route.ts';
import type { Call, MountableRoute } from '../route.ts';
import { found } from './answers.ts';
import { endpointSchema, toEndpoint } from './endpoint-answer.ts';
import type { EndpointStateParts } from './endpoint-states.ts';

const resumeSchema = z
  .strictObject({
    held: z.enum(['deliver', 'discard']).default('deliver').meta({
      description: 'Send what was held back and missed, or end it',
    }),
    confirm: z
      .int()
      .min(0)
      .optional()
      .meta({ description: 'What the dry run counted; needed above 1,000' }),
    dry_run: z.boolean().default(false).meta({ description: 'Only count; nothing is changed' }),
  })
  .default({ held: 'deliver', dry_run: false });

const resumedSchema = z
  .object({
    endpoint: endpointSchema,
    resumed: z.int().meta({ description: 'Deliveries that were held back or missed and are sent' }),
    discarded: z.int().meta({ description: 'Deliveries that were held back and end as cancelled' }),
  })
  .meta({ id: 'ResumedEndpoint' });

type Resume = z.output<typeof resumeSchema>;

export function resumeRoute(parts: EndpointStateParts): MountableRoute {
  const { db, wake } = parts;
  return route({
    method: 'post',
    path: '/v1/endpoints/{id}/resume',
    summary: 'Enable a paused or disabled endpoint, and send or discard what it held back',
    body: resumeSchema,
    answer: resumedSchema,
    handle: async (call) => {
      const { id, tenantId, body } = call;
      const count = body.dry_run ? await preview(db, call) : await resume(db, call);
      const isSent = body.held === 'deliver';
      if (isSent && count > 0 && !body.dry_run) wake();
      const row = found(await findEndpoint(db, id, tenantId), 'endpoint', id);
      return {
        endpoint: toEndpoint(row, parts, (await countWaiting(db, [id])).get(id)),
        resumed: isSent ? count : 0,
        discarded: isSent ? 0 : count,
      };
    },
  });
}

async function preview(db: Knex, { id, tenantId, body }: Call<unknown, Resume>): Promise<number> {
  found(await findEndpoint(db, id, tenantId), 'endpoint', id);
  return plannedOf(body, (await countWaiting(db, [id])).get(id));
}

/** What was held back is let go after the commit: what the endpoint is to get from here on is not among it. */
async function resume(db: Knex, call: Call<unknown, Resume>): Promise<number> {
  const { id, body } = call;
  const isBegun = await db.transaction((tx) => begin(tx, call));
  return isBegun ? finishResume(db, id, body.held) : 0;
}

/**
 * Write down that the endpoint is enabled and what is to become of what waits: whoever dies in the
 * middle of that leaves it to the next.
 *
 * @returns false when there is nothing to do
 * @throws Problem `confirm-needed`, with the count to confirm
 */
async function begin(tx: Knex, call: Call<unknown, Resume>): Promise<boolean> {
  const { id, tenantId, body } = call;
  const before = found(await lockEndpoint(tx, id, tenantId), 'endpoint', id);
  const waiting = (await countWaiting(tx, [id])).get(id);
  const count = plannedOf(body, waiting);
  confirmed(count, body.confirm);
  if (before.state === 'enabled' && before.resume_held === null && !waiting) return false;
  const detail = { from: before.state, reason: before.state_reason, held: body.held, count };
  await recordAudit(tx, auditEntry(call, { action: 'endpoint.resume', subject: id, detail }));
  await endOutage(tx, id); // First: whoever locks its row may go on to lock what is parked.
  if (body.held === 'discard') await setOutageParkedPaused(tx, id);
  const change = { state: 'enabled', state_reason: null, resume_held: body.held } as const;
  await setEndpoint(tx, { id, tenantId }, change);
  return true;
}

/** What was missed is not discarded: it ended when it was. */
function plannedOf({ held }: Resume, waiting: Waiting = { held: 0, skipped: 0 }): number {
  return held === 'deliver' ? waiting.held + waiting.skipped : waiting.held;
}

function confirmed(count: number, confirm: number | undefined): void {
  if (confirm === count) return;
  if (confirm === undefined && count <= unconfirmedMax) return;
  throw new Problem(
    'confirm-needed',
    `The resume would send or discard ${count}: look with "dry_run", then send "confirm": ${count}`,
    [{ pointer: '/confirm', detail: `Must be ${count}` }],
  );
}
