import type { Client } from '@temporalio/client';
import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { admitRun } from '../../activities/admit-run.ts';
import type { TriggerDefinition } from '../../src/domain/trigger.ts';
import { makeId } from '../../src/runtime/ids.ts';
import { openClient } from '../../src/runtime/temporal.ts';
import { definitionWith } from '../support/definition.ts';
import { freshDatabase } from '../support/database.ts';

let db: Knex;
let client: Client;
beforeAll(async () => {
  db = await freshDatabase();
  await db('tenants').insert({ id: 'ten_1', name: 'one' });
  // Never called: none of these runs has a neighbour.
  client = openClient({ address: '127.0.0.1:1', namespace: 'default', apiKey: undefined });
});
afterAll(async () => {
  await client.connection.close();
  await db.destroy();
});

/** A run that was planned without guards, and acts by another revision in its second cycle. */
async function planAgain(over: Partial<TriggerDefinition>): Promise<string> {
  const at = new Date();
  const [id, event_id, trigger_id] = [makeId('run', at), makeId('evt', at), makeId('trg', at)];
  await db('events').insert({
    id: event_id,
    tenant_id: 'ten_1',
    direction: 'inbound',
    source: 'github',
    type: 'push',
    content_type: 'application/json',
    headers: {},
    query: '',
    body: Buffer.from('{"ref":"main"}'),
    received_at: new Date(Number.parseInt(event_id.slice(4, 16), 16)),
  });
  await db('triggers').insert({ id: trigger_id, tenant_id: 'ten_1', name: id, revision: 2 });
  const definition = JSON.stringify(definitionWith(over));
  await db('trigger_revisions').insert({ trigger_id, revision: 2, text: '', definition });
  await db('trigger_runs').insert({
    id,
    tenant_id: 'ten_1',
    event_id,
    event_type: 'push',
    trigger_id,
    trigger: 'review',
    revision: 2,
    state: 'pending',
    reason: null,
    cycle: 2,
    is_guarded: true,
    created_at: at,
    start_after: at,
    started_at: null,
    ended_at: null,
  });
  return id;
}

const admit = (runId: string) => admitRun({ db, client }, { runId, cycle: 2 });

const skipped = { kind: 'ended', outcome: 'skipped' };

describe('admitRun(), of a run that was planned without guards', () => {
  test('asks the guards of the revision by which it acts now', async () => {
    const lane = { key: 'body.ref', limit: 1, onBusy: 'queue' } as const;
    const id = await planAgain({ concurrency: lane });
    expect(await admit(id)).toEqual({ kind: 'go' });
    expect(await db('run_guards').where({ run_id: id }).first()).toMatchObject({
      lane_key: 'main',
      cycle: 2,
      admitted_at: expect.any(Date) as unknown,
    });
  });

  test('goes when that has none', async () => {
    const id = await planAgain({});
    expect(await admit(id)).toEqual({ kind: 'go' });
    expect(await db('run_guards').where({ run_id: id }).first()).toBeUndefined();
  });

  test.each([
    ['whose condition does not hold', { when: "body.ref == 'other'" }, 'condition_false'],
    ['that only watches', { mode: 'shadow' }, 'shadow'],
  ] as const)('is skipped by one %s', async (_, over, reason) => {
    const id = await planAgain(over);
    expect(await admit(id)).toEqual(skipped);
    expect(await db('trigger_runs').where({ id }).first()).toMatchObject({
      state: 'skipped',
      reason,
    });
  });

  test('fails for good when its key cannot be evaluated', async () => {
    const id = await planAgain({ dedupe: { key: 'body.ref.size', forMs: 1000 } });
    await expect(admit(id)).rejects.toMatchObject({
      type: 'ExpressionFailed',
      nonRetryable: true,
      message: expect.stringContaining('dedupe.key') as unknown,
    });
  });
});
