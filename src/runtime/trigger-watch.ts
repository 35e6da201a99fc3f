import type { Knex } from 'knex';
import type { Logger } from 'pino';
import type { Event } from '../domain/event.ts';
import type { ActiveTrigger, PlannedRun, TriggerScope } from '../domain/trigger.ts';
import { setQuarantined } from '../store/trigger-quarantine.ts';
import { listActiveTriggers } from '../store/triggers.ts';
import { asBuffer } from './body.ts';
import { makeTriggerIndex } from './trigger-index.ts';
import type { TriggerIndex } from './trigger-index.ts';
import { matchedSource } from './trigger-planning.ts';
import { scopeOf } from './trigger-scope.ts';
import { activeTrigger } from './triggers.ts';

/** How soon another server's new revision is seen here. */
const reloadEveryMs = 5000;

/** The active triggers, as the database has them. */
export interface TriggerWatch {
  /** Which triggers fire for an event; only `triggerId` may when it is set. */
  plan(event: Event, triggerId: string | null): readonly PlannedRun[];
  /** Reads them again: when it has returned, events meet what is committed. Never rejects. */
  reload(): Promise<void>;
  close(): void;
}

/**
 * Load the active triggers and keep them fresh. A failed reload keeps what there is.
 *
 * One whose expressions take too long, or whose definition can't be read, is quarantined: here at
 * once, elsewhere within a reload.
 *
 * @param nowMs - a clock that never goes back; tests pass their own
 */
export async function watchTriggers(
  db: Knex,
  log: Logger,
  nowMs: () => number = () => performance.now(),
): Promise<TriggerWatch> {
  let index = await load();
  let begun = 0;
  let shown = 0;

  /** Two at once may end in another order than they began: the older one is not taken. */
  async function reload(): Promise<void> {
    begun += 1;
    const turn = begun;
    try {
      const fresh = await load(index);
      if (turn < shown) return;
      shown = turn;
      index = fresh;
    } catch (error) {
      log.warn({ err: error }, 'Could not reload the triggers');
    }
  }

  async function load(earlier?: TriggerIndex): Promise<TriggerIndex> {
    const triggers = (await listActiveTriggers(db)).map(activeTrigger);
    return makeTriggerIndex(triggers, { earlier, onQuarantine, nowMs });
  }

  function onQuarantine({ id, revision }: ActiveTrigger, reason: string): void {
    log.error({ trigger: id, reason }, 'A trigger is quarantined');
    setQuarantined(db, { id, revision }, reason).catch((error: unknown) =>
      log.warn({ err: error, trigger: id }, 'Could not write that a trigger is quarantined'),
    );
  }

  const reloading = setInterval(() => void reload(), reloadEveryMs);
  return {
    reload,
    plan(event, triggerId) {
      const { tenantId, type, depth = 0 } = event;
      const matched = { tenantId, source: matchedSource(event.source), type, depth, triggerId };
      return index.match(matched, () => firstScopeOf(event));
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
