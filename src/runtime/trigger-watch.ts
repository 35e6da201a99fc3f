import type { Knex } from 'knex';
import type { Logger } from 'pino';
import type { Event } from '../domain/event.ts';
import type { PlannedRun, TriggerScope } from '../domain/trigger.ts';
import { listActiveTriggers } from '../store/triggers.ts';
import { asBuffer } from './body.ts';
import { scopeOf } from './trigger-scope.ts';
import { activeTrigger, makeTriggerIndex } from './triggers.ts';

/** How soon another server's new revision is seen here. */
const reloadEveryMs = 5000;

/** The active triggers, as the database has them. */
export interface TriggerWatch {
  /** Which triggers fire for an event; only `triggerId` may when it is set. */
  plan(event: Event, triggerId: string | null): readonly PlannedRun[];
  close(): void;
}

/** Load the active triggers and keep them fresh. A failed reload keeps what there is. */
export async function watchTriggers(db: Knex, log: Logger): Promise<TriggerWatch> {
  let index = makeTriggerIndex((await listActiveTriggers(db)).map(activeTrigger));
  const reloading = setInterval(() => {
    listActiveTriggers(db).then(
      (rows) => {
        index = makeTriggerIndex(rows.map(activeTrigger));
      },
      (error: unknown) => log.warn({ err: error }, 'Could not reload the triggers'),
    );
  }, reloadEveryMs);
  return {
    plan(event, triggerId) {
      const { tenantId, source, type } = event;
      return index.match({ tenantId, source, type, triggerId }, () => firstScopeOf(event));
    },
    close: () => clearInterval(reloading),
  };
}

function firstScopeOf(event: Event): TriggerScope {
  const { id, source, type, headers, query, body } = event;
  const row = { id, source, type, headers, query, body: asBuffer(body) };
  const facts = {
    ...row,
    tenant_id: event.tenantId,
    received_at: event.receivedAt,
    content_type: event.contentType,
  };
  return scopeOf(facts, { attempt: 1, isReplay: false });
}
