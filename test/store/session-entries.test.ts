import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { setFinished } from '../../src/store/session-ends.ts';
import { listEntries, recordReports } from '../../src/store/session-entries.ts';
import type { Report } from '../../src/store/session-entries.ts';
import type { SessionRow } from '../../src/store/session-tables.ts';
import { findSession, openSession } from '../../src/store/sessions.ts';
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

async function opened(): Promise<SessionRow> {
  return (await openSession(db, sessionOpening())).session;
}

async function entriesOf(id: string): Promise<[number, string][]> {
  const rows = await listEntries(db, id, { after: 0, limit: 1000 });
  return rows.map(({ number, kind }) => [number, kind]);
}

const step = (sessionId: string, reportId: string, tenantId = 'ten_1'): Report => ({
  tenantId,
  sessionId,
  kind: 'step',
  reportId,
  eventId: 'evt_1',
  data: { action: 'read' },
});
const keyOf = ({ id, tenant_id }: SessionRow) => ({ id, tenant_id });
const result = { cost: 0.5, currency: 'USD', artifacts: [] };

describe('recordReports()', () => {
  test('numbers what many report at once without a gap, and a repeat is the same entry', async () => {
    const [one, two] = [await opened(), await opened()];
    const batches = Array.from({ length: 10 }, (_, i) => [
      step(one.id, `a${i}`),
      step(two.id, `b${i}`),
      step(one.id, 'same'),
    ]);
    const written = await Promise.all(batches.map((batch) => recordReports(db, batch)));
    expect(new Set(written.map(([, , same]) => same?.entry?.number)).size).toBe(1);
    const numbers = Array.from({ length: 11 }, (_, i) => [i + 1, 'step']);
    expect(await entriesOf(one.id)).toEqual(numbers);
    expect(await entriesOf(two.id)).toEqual(numbers.slice(0, 10));
    expect((await findSession(db, one.id))?.entry_count).toBe(11);
  });

  test('writes nothing of another tenant, not even in a batch with the right one', async () => {
    const { id } = await opened();
    const reports = [step(id, 'mine'), step(id, 'theirs', 'ten_2'), step('ses_none', 'x')];
    const [mine, ...others] = await recordReports(db, reports);
    expect(mine?.entry).toMatchObject({ number: 1, report_id: 'mine' });
    expect(others).toEqual([undefined, undefined]);
    expect(await recordReports(db, [step(id, 'mine', 'ten_2')])).toEqual([undefined]);
    expect(await entriesOf(id)).toEqual([[1, 'step']]);
  });

  test('of a session that has ended there are only repeats', async () => {
    const session = await opened();
    await recordReports(db, [step(session.id, 'early')]);
    await setFinished(db, keyOf(session), result);
    const [early, late] = await recordReports(db, [
      step(session.id, 'early'),
      step(session.id, 'late'),
    ]);
    expect(early?.entry).toMatchObject({ number: 1 });
    expect(late).toMatchObject({ session: { state: 'finished' }, entry: undefined });
    expect(await entriesOf(session.id)).toEqual([
      [1, 'step'],
      [2, 'finish'],
    ]);
  });

  test('with a finish amid many reports, its entry is the last', async () => {
    const session = await opened();
    const reporting = Array.from({ length: 30 }, (_, i) =>
      recordReports(db, [step(session.id, `r${i}`)]),
    );
    const finished = setFinished(db, keyOf(session), result);
    await Promise.all([...reporting, finished]);
    const entries = await entriesOf(session.id);
    expect(entries.at(-1)?.[1]).toBe('finish');
    expect(entries.map(([number]) => number)).toEqual(entries.map((_, i) => i + 1));
  });
});

describe('the looks into the entries', () => {
  test.each([
    ['a report', `kind = 'step' and report_id = 'x'`, 'session_entries_report'],
    ['what comes after a number', 'number > 5 order by number limit 51', 'session_entries_pkey'],
    ['a kind', `kind = 'tool' and number > 5 order by number limit 51`, 'session_entries_of_kind'],
    ['a step', `kind = 'step' and number > 5 order by number limit 51`, 'session_entries_pkey'],
    [
      'events that are not told',
      `kind = 'event' and told_at is null order by number limit 20`,
      'session_entries_untold',
    ],
  ])('find %s in an index, before PostgreSQL knows how many there are', async (_, rest, index) => {
    const { id } = await opened();
    const reports = Array.from({ length: 500 }, (__, i) => step(id, `r${i}`));
    await recordReports(db, reports);
    const asked = `explain select * from session_entries where session_id = ? and ${rest}`;
    const plan = await db.transaction(async (tx) => {
      await tx.raw('set local enable_bitmapscan = off; set local enable_sort = off');
      const { rows } = await tx.raw<{ rows: unknown[] }>(asked, [id]);
      return JSON.stringify(rows);
    });
    expect(plan).toContain(`Index Scan using ${index}`);
    expect(plan).not.toContain('Sort');
  });
});
