import type { Knex } from 'knex';
import { z } from 'zod';
import { workflowIdOf } from '../../src/domain/cycle.ts';
import { Problem } from '../../src/domain/problem.ts';
import { recordAudit } from '../../src/store/audit-log.ts';
import { openNextCycle } from '../../src/store/cycles.ts';
import { findDelivery } from '../../src/store/deliveries.ts';
import { auditEntry } from '../audit.ts';
import { route } from '../route.ts';
import type { MountableRoute } from '../route.ts';
import { found } from './answers.ts';
import { reasonSchema } from './delivery-steering.ts';
import { refuseUnsendable } from './redrive-refusal.ts';

const redrivenSchema = z
  .object({ id: z.string(), cycle: z.int(), workflow_id: z.string() })
  .meta({ id: 'RedrivenDelivery', description: 'A delivery and the cycle that was opened.' });

export interface RedriveParts {
  readonly db: Knex;
  /** Starts what was planned; called after everything is committed. */
  readonly wake: () => void;
}

export function deliveryRedriveRoutes({ db, wake }: RedriveParts): MountableRoute[] {
  return [
    route({
      method: 'post',
      path: '/v1/deliveries/{id}/redrive',
      summary: 'Send a delivery that has ended again: opens its next cycle, once',
      body: reasonSchema,
      answer: redrivenSchema,
      status: 202,
      handle: async (call) => {
        const { id, tenantId, actor: by } = call;
        const { reason } = call.body ?? {};
        const row = found(await findDelivery(db, id, tenantId), 'delivery', id);
        const cycle = await db.transaction(async (tx) => {
          await refuseUnsendable(tx, row);
          const opened = await openNextCycle(tx, { id: row.id, from: row.cycle, by, reason });
          // Of two calls at once the second finds the cycle that the first has opened.
          if (opened === undefined) throw notEnded(row.id, row.state);
          const detail = {
            cycle: opened,
            from: row.state,
            ...(reason !== undefined && { reason }),
          };
          const entry = { action: 'delivery.redrive', subject: row.id, detail };
          await recordAudit(tx, auditEntry(call, entry));
          return opened;
        });
        wake();
        return { id: row.id, cycle, workflow_id: workflowIdOf(row.id, cycle) };
      },
    }),
  ];
}

function notEnded(id: string, state: string): Problem {
  const isUnderWay = state === 'pending' || state === 'retrying';
  const why = isUnderWay ? `is ${state}` : 'was redriven in this moment';
  return new Problem('delivery-not-ended', `Delivery "${id}" ${why}`);
}
