import type { Knex } from 'knex';
import type { TriggerDefinition } from '../../src/domain/trigger.ts';
import { makeId } from '../../src/runtime/ids.ts';
import type { RunGuardsRow } from '../../src/store/automation-tables.ts';
import { askGuardsOf, askJoinOf } from '../../src/store/run-admission.ts';
import type { Answer } from '../../src/store/run-admission.ts';
import type { TriggerRunRow } from '../../src/store/tables.ts';
import { definitionWith } from '../support/definition.ts';

/** Noon, from which the tests count in seconds. */
const noon = Date.parse('2026-06-01T12:00:00Z');

export function atSecond(second: number): Date {
  return new Date(noon + second * 1000);
}

/** The runs of one trigger whose guards are asked. */
export interface GuardedRuns {
  /** A run that arrives at a second after noon, with these keys. */
  plan(second: number, keys?: Partial<RunGuardsRow>): Promise<string>;
  /** What the guards but for the join say to a run at a second. */
  ask(id: string, second: number): Promise<Answer>;
  /** What its join says. */
  askJoin(id: string, second: number): Promise<Answer>;
  find(id: string): Promise<Pick<TriggerRunRow, 'state' | 'reason'> | undefined>;
}

let made = 0;

/** A trigger of its own. */
export function guardedRuns(db: Knex, over: Partial<TriggerDefinition>): GuardedRuns {
  made += 1;
  const trigger_id = `trg_${made}`;
  const definition = definitionWith(over);
  const questionOf = async (id: string, second: number) => {
    const row = await db('trigger_runs').where({ id }).first('cycle');
    return { run: { id, cycle: row?.cycle ?? 1 }, definition, clock: () => atSecond(second) };
  };
  return {
    async plan(second, keys = {}) {
      const created_at = atSecond(second);
      const id = makeId('run', created_at);
      await db('trigger_runs').insert({
        id,
        tenant_id: 'ten_1',
        event_id: makeId('evt', created_at),
        event_type: 'push',
        trigger_id,
        trigger: 'review',
        revision: 1,
        state: 'pending',
        reason: null,
        cycle: 1,
        is_guarded: true,
        created_at,
        start_after: created_at,
        started_at: null,
        ended_at: null,
      });
      await db('run_guards').insert({ run_id: id, trigger_id, cycle: 1, ...keys });
      return id;
    },
    ask: async (id, second) => askGuardsOf(db, await questionOf(id, second)),
    askJoin: async (id, second) => askJoinOf(db, await questionOf(id, second)),
    find: (id) => db('trigger_runs').where({ id }).first('state', 'reason'),
  };
}
