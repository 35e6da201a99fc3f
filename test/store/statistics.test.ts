import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listStatistics, readStanding } from '../../src/store/statistics.ts';
import { freshDatabase } from '../support/database.ts';

const rows = 50_000;

let db: Knex;
beforeAll(async () => {
  db = await freshDatabase();
  await seed();
});
afterAll(() => db.destroy());

/** Of ten thousand deliveries one is dead, one parked, two wait; of two tenants one has nearly all. */
async function seed(): Promise<void> {
  await db.raw(
    `insert into deliveries (id, tenant_id, event_id, event_type, endpoint_id, state, created_at,
       start_after, started_at, ended_at)
     select 'dlv_' || n, case n % 1000 when 999 then 'ten_other' else 'ten_1' end, 'evt_' || n,
       'session.created', 'ep_1', state, now(), now(), now(),
       case when state = 'delivered' then now() end
     from generate_series(1, ?::integer) n,
       lateral (select case n % 10000 when 1 then 'dead' when 2 then 'parked' when 3 then 'pending'
                       when 4 then 'retrying' else 'delivered' end as state) s`,
    [rows],
  );
  await db.raw(
    `insert into events (id, tenant_id, direction, source, type, headers, query, body, received_at)
     select 'evt_' || n, 'ten_1', case n % 2 when 0 then 'inbound' else 'outbound' end, 'platform',
       'session.created', '{}', '', '{}', now()
     from generate_series(1, ?::integer) n`,
    [rows],
  );
  await db.raw(
    `insert into failed_cycles (id, tenant_id, kind, subject_id, cycle, event_id, event_type, reason, state)
     select id, tenant_id, 'delivery', id, 1, event_id, event_type, 'timeout',
       case when state = 'dead' then 'open' else 'redriven' end
     from deliveries where state = 'dead' or id like '%00'`,
  );
  // A vacuum, as PostgreSQL makes by itself: until then an index does not know which rows all see.
  await db.raw('vacuum analyze deliveries');
  await db.raw('vacuum analyze events');
  await db.raw('vacuum analyze failed_cycles');
}

/** The plans of what `work` asks. */
async function plansOf(work: () => Promise<unknown>): Promise<string> {
  const asked: { sql: string; bindings: string[] }[] = [];
  const note = (query: { sql: string; bindings: string[] }): void => void asked.push(query);
  db.on('query', note);
  await work();
  db.off('query', note);
  const plans: string[] = [];
  for (const { sql, bindings } of asked) {
    const text = `explain ${sql.replaceAll(/\$\d+/g, '?')}`;
    const { rows: lines } = (await db.raw(text, bindings)) as { rows: Record<string, string>[] };
    plans.push(...lines.map((line) => line['QUERY PLAN'] ?? ''));
  }
  return plans.join('\n');
}

/** Scans of whole tables; the partitions of the days to come are empty, and their scans cost nothing. */
function wholeReadsOf(plan: string): string[] {
  const scans = plan.match(/Seq Scan on (?:deliveries|events|failed_cycles).*/g) ?? [];
  return scans.filter((scan) => !scan.includes('cost=0.00..0.00'));
}

const frame = (hours: number, stepMs: number) => ({
  from: new Date(Date.now() - hours * 3_600_000),
  to: new Date(Date.now() + 60_000),
  stepMs,
});

describe('readStanding()', () => {
  test('counts what waits, of one tenant', async () => {
    expect(await readStanding(db, 'ten_1')).toMatchObject({
      pending: rows / 10_000,
      retrying: rows / 10_000,
      parked: rows / 10_000,
      dead_open: rows / 10_000,
      failed_runs_open: 0,
      oldest_waiting_at: expect.any(Date) as Date,
    });
    expect(await readStanding(db, 'ten_other')).toMatchObject({
      pending: 0,
      dead_open: 0,
      oldest_waiting_at: null,
    });
  });

  test('reads no delivery that has ended', async () => {
    const plan = await plansOf(() => readStanding(db, 'ten_1'));
    expect(plan).toContain('deliveries');
    expect(wholeReadsOf(plan)).toEqual([]);
  });
});

describe('listStatistics()', () => {
  test('counts each thing in its step', async () => {
    const buckets = await listStatistics(db, 'ten_1', frame(24, 3_600_000));
    expect(buckets).toHaveLength(25);
    const sum = (name: 'accepted' | 'published' | 'delivered' | 'dead' | 'rejected'): number =>
      buckets.reduce((total, bucket) => total + bucket[name], 0);
    expect([sum('accepted'), sum('published'), sum('rejected')]).toEqual([rows / 2, rows / 2, 0]);
    expect(sum('delivered')).toBe(rows - rows / 1000 - (4 * rows) / 10_000);
    expect(sum('dead')).toBe(rows / 10_000 + rows / 100);
    const [first] = buckets;
    expect(first).toMatchObject({ accepted: 0, published: 0, delivered: 0, dead: 0, rejected: 0 });
    expect((buckets.at(-1)?.at.getTime() ?? 0) - (first?.at.getTime() ?? 0)).toBe(24 * 3_600_000);
  });

  test('reads of a short time only that time, on indexes', async () => {
    const plan = await plansOf(() =>
      listStatistics(db, 'ten_1', { from: new Date(0), to: new Date(60_000), stepMs: 60_000 }),
    );
    expect(plan).toMatch(/ended_at/);
    expect(wholeReadsOf(plan)).toEqual([]);
  });
});
