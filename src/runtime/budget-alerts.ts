import type { Knex } from 'knex';
import { listUnemittedAlerts, setAlertEmitted } from '../store/budgets.ts';
import type { Publish } from './publish.ts';

/**
 * Emit `cost.threshold_exceeded` for each budget of a tenant that was exceeded and not told of.
 *
 * Safe to repeat, and to do twice at once: a budget and a period are one event.
 */
export async function emitExceeded(
  { db, publish }: { readonly db: Knex; readonly publish: Publish },
  tenantId: string,
): Promise<void> {
  for (const alert of await listUnemittedAlerts(db, tenantId)) {
    const { budget_id, period_key: period, currency } = alert;
    await publish({
      tenantId,
      type: 'cost.threshold_exceeded',
      data: {
        tenant_id: tenantId,
        period,
        amount: Number(alert.spent),
        threshold: Number(alert.amount),
        currency,
      },
      key: `budget/${budget_id}/${period}`,
    });
    await setAlertEmitted(db, alert);
  }
}
