import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeId } from '../../src/runtime/ids.ts';
import { claimUnstarted, setSessionsStarted } from '../../src/store/starts.ts';
import {
  recordRefusal,
  setArchived,
  setFinished,
  setIdleArchived,
  setRefused,
} from '../../src/store/session-ends.ts';
import { listEntries, listUntold } from '../../src/store/session-entries.ts';
import type { SessionRow } from '../../src/store/session-tables.ts';
import { findSession, openSession } from '../../src/store/sessions.ts';
import type { SessionOpening } from '../../src/store/sessions.ts';
import { ensureTenant } from '../../src/store/tenants.ts';
import { freshDatabase } from '../support/database.ts';
import { sessionOpening } from '../support/session.ts';

let db: Knex;
beforeAll(async () => {
  db = await freshDatabase();
  await ensureTenant(db, 'acme', 'ten_1');
  await ensureTenant(db, 'other', 'ten_2');
});
afterAll(() => db.destroy());

async function opened(over: Partial<SessionOpening> = {}): Promise<SessionRow> {
  return (await openSession(db, sessionOpening(over))).session;
}

async function read(id: string): Promise<SessionRow> {
  const session = await findSession(db, id);
  if (!session) throw new Error(`There is no session "${id}"`);
  return session;
}

async function entriesOf(id: string): Promise<[number, string][]> {
  const rows = await listEntries(db, id, { after: 0, limit: 1000 });
  return rows.map(({ number, kind }) => [number, kind]);
}

const keyOf = ({ id, tenant_id }: SessionRow) => ({ id, tenant_id });
const result = { cost: 0.5, currency: 'USD', artifacts: [{ name: 'report.md' }] };

describe('openSession()', () => {
  test('asked twice by one opener, it is one session', async () => {
    const openings = Array.from({ length: 8 }, () => sessionOpening({ opener: 'run_twice' }));
    const sessions = await Promise.all(openings.map((opening) => openSession(db, opening)));
    expect(new Set(sessions.map(({ session }) => session.id)).size).toBe(1);
    expect(await entriesOf(sessions[0]?.session.id ?? '')).toEqual([]);
  });

  test('of many with one key at once one opens, and each other is an entry of it', async () => {
    const openings = Array.from({ length: 20 }, (_, i) =>
      sessionOpening({ key: 'pr-1', opener: `run_key_${i}`, input: i }),
    );
    const all = await Promise.all(openings.map((opening) => openSession(db, opening)));
    const [id = ''] = new Set(all.map(({ session }) => session.id));
    expect(all.map(({ session }) => session.id)).toEqual(all.map(() => id));
    const numbers = all.flatMap(({ entryNumber }) => entryNumber ?? []);
    expect(numbers.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 19 }, (_, i) => i + 1));
    expect(await listUntold(db, id, 100)).toHaveLength(19);
  });

  test('an opener that has handed an event on hands it on once, also when the session is over', async () => {
    const session = await opened({ key: 'pr-2' });
    const first = await openSession(db, sessionOpening({ key: 'pr-2', opener: 'run_once' }));
    await setFinished(db, keyOf(session), result);
    const again = await openSession(db, sessionOpening({ key: 'pr-2', opener: 'run_once' }));
    expect([first, again].map((each) => [each.session.id, each.entryNumber])).toEqual([
      [session.id, 1],
      [session.id, 1],
    ]);
  });

  test.each([
    ['an active one', {}, true],
    ['another tenant', { tenant_id: 'ten_2' }, false],
    ['another name', { name: 'triage' }, false],
    ['another key', { key: 'pr-4' }, false],
  ])('an event with the key reaches %s: %o', async (_name, over, isSame) => {
    const session = await opened({ key: 'pr-3' });
    const later = await opened({ key: 'pr-3', ...over });
    expect(later.id === session.id).toBe(isSame);
    await setArchived(db, { id: later.id });
    await setArchived(db, { id: session.id });
  });

  test.each(['finished', 'archived'] as const)(
    'an event with the key of a session that is %s opens a new one',
    async (state) => {
      const session = await opened({ key: 'pr-5' });
      if (state === 'finished') await setFinished(db, keyOf(session), result);
      else await setArchived(db, { id: session.id });
      const later = await opened({ key: 'pr-5' });
      expect(later).toMatchObject({ state: 'active', entry_count: 0 });
      expect(later.id).not.toBe(session.id);
      await setArchived(db, { id: later.id });
    },
  );

  test('events with the key of a session that is finished at this moment are all kept', async () => {
    const session = await opened({ key: 'pr-6' });
    const openings = Array.from({ length: 20 }, (_, i) =>
      sessionOpening({ key: 'pr-6', opener: `run_race_${i}` }),
    );
    const [, ...reached] = await Promise.all([
      setFinished(db, keyOf(session), result),
      ...openings.map((opening) => openSession(db, opening)),
    ]);
    const later = new Set(reached.map(({ session: { id } }) => id));
    later.delete(session.id);
    expect(later.size).toBeLessThanOrEqual(1);
    const [next = session.id] = later;
    const kept = [
      ...(await entriesOf(session.id)),
      ...(next === session.id ? [] : await entriesOf(next)),
    ];
    const opening = next === session.id ? 0 : 1; // One of them is no entry: it opened the next session.
    expect(kept.filter(([, kind]) => kind === 'event')).toHaveLength(20 - opening);
    expect((await entriesOf(session.id)).at(-1)?.[1]).toBe('finish');
    await setArchived(db, { id: next });
  });

  test('keeps what it is told as it was told, whatever text is in it', async () => {
    const input = { b: 'nul \0', a: 'half \ud83d', n: 1.5 };
    const { id } = await opened({ input });
    expect(JSON.stringify((await read(id)).input)).toBe(JSON.stringify(input));
  });

  test('stands one behind the deepest event that reached it', async () => {
    const at = new Date();
    const row = {
      tenant_id: 'ten_1',
      direction: 'outbound',
      source: 'platform',
      type: 'agent.step',
      headers: {},
      query: '',
      body: Buffer.from('{}'),
      received_at: at,
    } as const;
    const ids = [makeId('evt', at), makeId('evt', at)] as const;
    await db('events').insert([
      { ...row, id: ids[0], depth: 2 },
      { ...row, id: ids[1], depth: 5 },
    ]);
    const first = await opened({ key: 'deep', event_id: ids[0] });
    expect(first.depth).toBe(3);
    expect((await opened({ key: 'deep', event_id: ids[1] })).depth).toBe(6);
    expect((await opened({ key: 'deep', event_id: ids[0] })).depth).toBe(6);
  });
});

describe('setFinished()', () => {
  test('finishes once: the same result again is no news, another is refused', async () => {
    const session = await opened();
    const outcomes = await Promise.all(
      Array.from({ length: 5 }, () => setFinished(db, keyOf(session), result)),
    );
    expect(outcomes.map((each) => typeof each === 'object' && each.state)).toEqual(
      outcomes.map(() => 'finished'),
    );
    expect(await setFinished(db, keyOf(session), { ...result, cost: 0.6 })).toBe('ended');
    expect(await entriesOf(session.id)).toEqual([[1, 'finish']]);
    expect(await db('costs').where({ session_id: session.id })).toMatchObject([
      { amount: '0.500000', currency: 'USD' },
    ]);
  });

  test("does not find another tenant's, and does not finish one that was archived", async () => {
    const session = await opened();
    expect(await setFinished(db, { id: session.id, tenant_id: 'ten_2' }, result)).toBeUndefined();
    await setArchived(db, { id: session.id });
    expect(await setFinished(db, keyOf(session), result)).toBe('ended');
    expect(await db('costs').where({ session_id: session.id })).toEqual([]);
  });
});

describe('setArchived()', () => {
  test('archives once', async () => {
    const { id } = await opened();
    const first = await setArchived(db, { id });
    const second = await setArchived(db, { id });
    expect([first?.isNew, second?.isNew]).toEqual([true, false]);
    expect(await entriesOf(id)).toEqual([[1, 'archive']]);
  });

  test('with an opener only what that opened', async () => {
    const { id } = await opened({ opener: 'run_mine-do/1' });
    expect(await setArchived(db, { id, opener: 'run_other-do/1' })).toBeUndefined();
    expect((await setArchived(db, { id, opener: 'run_mine-do/1' }))?.isNew).toBe(true);
  });
});

describe('setIdleArchived()', () => {
  test('archives what nothing happened to for the time, and nothing else', async () => {
    const { id } = await opened({ created_at: new Date(Date.now() - 10_000) });
    await setIdleArchived(db, id, 60_000);
    expect(await read(id)).toMatchObject({ state: 'active' });
    await setIdleArchived(db, id, 5000);
    await setIdleArchived(db, id, 5000);
    expect(await read(id)).toMatchObject({ state: 'archived', entry_count: 1 });
  });
});

describe('setRefused()', () => {
  test('finishes the session without a result, once', async () => {
    const { id } = await opened();
    await setRefused(db, id, 'The agent refused the session: 422');
    await setRefused(db, id, 'again');
    expect(await read(id)).toMatchObject({
      state: 'finished',
      cost: '0',
      artifacts: [],
      failure: 'The agent refused the session: 422',
    });
    expect(await entriesOf(id)).toEqual([[1, 'error']]);
  });
});

describe('recordRefusal()', () => {
  test('an event that is refused is told of once, and the session goes on', async () => {
    const { id } = await opened({ key: 'refused' });
    await opened({ key: 'refused' });
    await recordRefusal(db, { id, number: 1 }, 'no');
    await recordRefusal(db, { id, number: 1 }, 'no');
    expect(await listUntold(db, id, 10)).toEqual([]);
    expect(await entriesOf(id)).toEqual([
      [1, 'event'],
      [2, 'error'],
    ]);
    expect(await read(id)).toMatchObject({ state: 'active' });
  });
});

describe('setSessionsStarted()', () => {
  test('a poke that came while one was on its way is still to be sent', async () => {
    const session = await opened({ key: 'poked' });
    await opened({ key: 'poked' });
    await setSessionsStarted(db, [session]);
    expect((await read(session.id)).started_at).toBeNull();
    const { sessions } = await claimUnstarted(db);
    const claimed = sessions.filter(({ id }) => id === session.id);
    expect(claimed).toMatchObject([{ pokes: 2 }]);
    await setSessionsStarted(db, claimed);
    expect((await read(session.id)).started_at).toBeInstanceOf(Date);
  });
});
