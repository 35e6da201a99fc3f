import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tellAgent } from '../../activities/session-agent.ts';
import { setArchived } from '../../src/store/session-ends.ts';
import { listEntries } from '../../src/store/session-entries.ts';
import type { SessionRow } from '../../src/store/session-tables.ts';
import { openSession, updateSession } from '../../src/store/sessions.ts';
import { ensureTenant } from '../../src/store/tenants.ts';
import { startConsumer } from '../support/consumer.ts';
import type { Consumer } from '../support/consumer.ts';
import { freshDatabase } from '../support/database.ts';
import { sessionOpening } from '../support/session.ts';

const hourMs = 3_600_000;

let db: Knex;
let agent: Consumer;
beforeAll(async () => {
  db = await freshDatabase();
  await ensureTenant(db, 'acme', 'ten_1');
  agent = await startConsumer();
});
afterAll(async () => {
  await agent.close();
  await db.destroy();
});

/** A session that the agent was at work on when it was archived. */
async function archived(hoursAgo: number): Promise<SessionRow> {
  const { session } = await openSession(db, sessionOpening());
  await setArchived(db, { id: session.id });
  const archived_at = new Date(Date.now() - hoursAgo * hourMs);
  return updateSession(db, session.id, { agent_started_at: session.created_at, archived_at });
}

describe('tellAgent()', () => {
  const parts = () => ({ db, agentUrl: agent.url, publicUrl: 'https://durahook.example' });

  test('asks for the cancel again while the agent is away', async () => {
    const session = await archived(23);
    agent.plan(`/v1/sessions/${session.id}/cancel`, 503, 202);
    await expect(tellAgent(parts(), session)).rejects.toThrow('The agent answered 503');
    expect(await tellAgent(parts(), session)).toBe(true);
    const keys = agent
      .at(`/v1/sessions/${session.id}/cancel`)
      .map(({ headers }) => headers['idempotency-key']);
    expect(keys).toEqual([`${session.id}/cancel`, `${session.id}/cancel`]);
  });

  test('gives the cancel up after a day, and says so once', async () => {
    const session = await archived(25);
    expect(await tellAgent(parts(), session)).toBe(true);
    expect(await tellAgent(parts(), session)).toBe(true);
    expect(agent.at(`/v1/sessions/${session.id}/cancel`)).toEqual([]);
    expect(await listEntries(db, session.id, { kind: 'error', after: 0, limit: 10 })).toMatchObject(
      [{ data: { failure: 'The agent did not answer the cancel for 24 h', number: null } }],
    );
  });

  test('nobody is told where there is no agent', async () => {
    const session = await archived(1);
    const { length } = agent.arrivals;
    expect(await tellAgent({ ...parts(), agentUrl: undefined }, session)).toBe(true);
    expect(agent.arrivals).toHaveLength(length);
  });
});
