import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freshDatabase } from '../support/database.ts';
import { limitEndpoint } from '../support/limited-endpoint.ts';
import type { Limits } from '../support/limited-endpoint.ts';

let db: Knex;
beforeAll(async () => {
  db = await freshDatabase();
});
afterAll(() => db.destroy());

const limited = (count: number, limits: Limits) => limitEndpoint(db, count, limits);

const go = { waitMs: 0, reason: null };

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

describe('askTurns(), by rate', () => {
  test('each is given its own instant, one step after the one before, and goes then', async () => {
    const { ask } = await limited(4, { rate_limit: 10 });
    expect(await ask(0, 0)).toMatchObject(go);
    for (const index of [1, 2, 3]) {
      const { waitMs, reason } = await ask(index, 0);
      expect({ waitMs: Math.round(waitMs), reason }).toEqual({
        waitMs: index * 100,
        reason: 'rate_limited',
      });
    }
    expect(Math.round((await ask(2, 0.1)).waitMs)).toBe(100); // Poked: it keeps its instant.
    for (const index of [1, 2, 3]) expect(await ask(index, index / 10)).toMatchObject(go);
  });

  test('a short wait is not worth a timer: it is told to go after it', async () => {
    const { ask } = await limited(3, { rate_limit: 40 });
    await ask(0, 0);
    const second = await ask(1, 0);
    expect({ ...second, waitMs: Math.round(second.waitMs) }).toMatchObject({ ...go, waitMs: 25 });
    const third = await ask(2, 0.001);
    expect({ ...third, waitMs: Math.round(third.waitMs) }).toMatchObject({ ...go, waitMs: 49 });
  });

  test('a rate whose step is no whole number of milliseconds is kept', async () => {
    const { ask } = await limited(30, { rate_limit: 300 });
    let last = 0;
    for (let index = 0; index < 30; index += 1) last = (await ask(index, 0)).waitMs;
    expect(last).toBeCloseTo((29 * 1000) / 300, 1);
  });

  test('those that come late may catch up by a second, 20 wait where they are, the others for a new instant', async () => {
    const { askAll } = await limited(60, { rate_limit: 10 });
    await askAll(upTo(60), 0);
    const { answers: late } = await askAll(upTo(60).slice(1), 30); // The worker was away.
    const gone = late.filter(({ reason }) => reason === null).map(({ waitMs }) => waitMs);
    expect(gone.map(Math.round)).toEqual([
      ...Array<number>(11).fill(0),
      ...upTo(20).map((n) => (n + 1) * 100),
    ]);
    const waits = late.filter(({ reason }) => reason !== null).map(({ waitMs }) => waitMs);
    expect(waits.map((wait, n) => Math.round(wait - n * 100))).toEqual(waits.map(() => 3100));
  });

  test.each([10, 200])(
    'at %i a second nobody waits where it is for longer than 2 s or 20 others',
    async (rate) => {
      const { askAll } = await limited(500, { rate_limit: rate });
      await askAll(upTo(500), 0);
      const { answers } = await askAll(upTo(500).slice(11), 60);
      const here = answers.filter(({ reason, waitMs }) => reason === null && waitMs > 0);
      expect(here).toHaveLength(20);
      expect(Math.max(...here.map(({ waitMs }) => waitMs))).toBeLessThanOrEqual(2001);
    },
  );

  test('the rate is used up although a busy worker comes only every 3 s, and never exceeded', async () => {
    const { askAll } = await limited(40, { rate_limit: 10 });
    let due = new Map(upTo(40).map((index) => [index, 0]));
    const sent: number[] = [];
    for (let atS = 0.1; due.size > 0; atS += 3) {
      const asking = upTo(40).filter((index) => (due.get(index) ?? Infinity) <= atS);
      const { answers } = await askAll(asking, atS);
      for (const [n, index] of asking.entries()) {
        const { waitMs = 0, reason = null } = answers[n] ?? {};
        if (reason === null) sent.push(atS + waitMs / 1000);
        else due.set(index, atS + waitMs / 1000);
      }
      const isSent = (index: number) => answers[asking.indexOf(index)]?.reason === null;
      due = new Map([...due].filter(([index]) => !isSent(index)));
    }
    expect(Math.max(...sent)).toBeLessThan(8); // 40 at 10 a second, and what it came late.
    for (const from of sent) {
      for (const seconds of [1, 3]) {
        const within = sent.filter((at) => at >= from && at < from + seconds).length;
        expect(within).toBeLessThanOrEqual(10 * (seconds + 1));
      }
    }
  });

  test('in any second no more go than the rate, however late they are, and none is forgotten', async () => {
    const count = 100;
    const { ask } = await limited(count, { rate_limit: 10 });
    const due = new Map<number, number>();
    for (let index = 0; index < count; index += 1) due.set(index, 0);
    const sent: number[] = [];
    const latenessS = [0, 0.02, 0.7, 0.3, 0];
    for (let asks = 0; due.size > 0; asks += 1) {
      const [index, atS] = [...due].reduce((a, b) => (b[1] < a[1] ? b : a));
      const { waitMs, reason } = await ask(index, atS);
      if (reason === null) {
        sent.push(atS + waitMs / 1000);
        due.delete(index);
      } else due.set(index, atS + waitMs / 1000 + (latenessS[asks % 5] ?? 0));
    }
    for (const from of sent) {
      const within = sent.filter((at) => at >= from && at < from + 1).length;
      expect(within).toBeLessThanOrEqual(20);
    }
    expect(Math.max(...sent)).toBeLessThan(11);
    expect(Math.max(...sent)).toBeGreaterThan(8.9);
  });

  test('those whose cycle ended leave no gap behind which others wait', async () => {
    const { ask, askAll, leave } = await limited(42, { rate_limit: 1 });
    await askAll(upTo(41), 0);
    for (let index = 1; index < 41; index += 1) await leave(index, 0.5);
    expect(Math.round((await ask(41, 0.5)).waitMs)).toBe(500);
  });
});

describe('askTurns(), by POSTs at one time', () => {
  test('the first by arrival go, the others wait and are called when one has left', async () => {
    const { ask, leave, deliveries } = await limited(5, { in_flight_max: 2 });
    expect(await ask(0, 0)).toMatchObject(go);
    expect(await ask(1, 1)).toMatchObject(go);
    const waits = [];
    for (const index of [2, 3, 4]) waits.push(await ask(index, index));
    expect(waits).toMatchObject([
      { waitMs: 10_000, reason: 'in_flight_limit', called: [] },
      { waitMs: 11_000, reason: 'in_flight_limit' },
      { waitMs: 12_000, reason: 'in_flight_limit' },
    ]);
    expect(await leave(1, 5)).toEqual([deliveries[2]?.id]);
    expect(await ask(4, 5)).toMatchObject({ reason: 'in_flight_limit' }); // It asked of itself.
    expect(await ask(2, 5.1)).toMatchObject(go);
    expect(await leave(0, 6)).toEqual([deliveries[3]?.id]);
    expect(await leave(2, 6)).toEqual([deliveries[4]?.id]);
  });

  test('one that comes anew does not go before those that wait', async () => {
    const { ask, leave, deliveries } = await limited(3, { in_flight_max: 1 });
    await ask(0, 0);
    await ask(1, 0);
    await leave(0, 1);
    expect(await ask(2, 1.5)).toMatchObject({ reason: 'in_flight_limit' });
    expect(await ask(1, 2)).toMatchObject(go);
    expect(await leave(1, 3)).toEqual([deliveries[2]?.id]);
  });

  test('one that is called and does not come is passed over, and comes first when it does', async () => {
    const { ask, leave, numbersOf } = await limited(4, { in_flight_max: 1 });
    for (const index of [0, 1, 2, 3]) await ask(index, index / 10);
    await leave(0, 1);
    expect((await ask(3, 5)).called).toEqual([]);
    expect(numbersOf((await ask(3, 6.1)).called)).toEqual([2]); // 1 was called, and did not come.
    expect(await ask(2, 6.2)).toMatchObject(go);
    expect(await ask(1, 6.3)).toMatchObject({ reason: 'in_flight_limit', waitMs: 10_000 });
    expect(numbersOf([{ id: (await leave(2, 7))[0] ?? '' }])).toEqual([1]);
  });

  test('the place of a worker that was killed is given away when its time is over', async () => {
    const { ask, numbersOf } = await limited(3, { in_flight_max: 1 });
    await ask(0, 0);
    await ask(1, 1);
    expect(await ask(1, 11.9)).toMatchObject({ reason: 'in_flight_limit' });
    const late = await ask(2, 12.1); // It came last.
    expect(late.reason).toBe('in_flight_limit');
    expect(numbersOf(late.called)).toEqual([1]);
    expect(await ask(1, 12.2)).toMatchObject(go);
    expect(await ask(0, 12.3)).toMatchObject({ reason: 'in_flight_limit' });
  });

  test('one whose worker was killed takes a place again when it comes back', async () => {
    const { ask } = await limited(1, { in_flight_max: 1 });
    await ask(0, 0);
    expect(await ask(0, 13)).toMatchObject(go);
  });

  test('those whose cycle ended while they waited keep nobody waiting', async () => {
    const { ask, leave, deliveries, numbersOf } = await limited(8, { in_flight_max: 1 });
    for (let index = 0; index < 8; index += 1) await ask(index, 0);
    const ended = [1, 2, 3, 4].map((index) => deliveries[index]?.id ?? '');
    await db('deliveries').whereIn('id', ended).update({ state: 'cancelled' });
    const { id = '' } = deliveries[5] ?? {};
    await db('deliveries').where({ id }).update({ cycle: 2 });
    expect(await leave(0, 1)).toEqual([deliveries[6]?.id]);
    const left = await db('delivery_turns').whereIn('delivery_id', [...ended, id]);
    expect(left).toEqual([]);
    expect(numbersOf([{ id: (await leave(6, 2))[0] ?? '' }])).toEqual([7]);
  });
});

describe('askTurns(), for many at once', () => {
  test.each([{ in_flight_max: 3 }, { rate_limit: 100 }, { rate_limit: 100, in_flight_max: 7 }])(
    'tells each of ten what it would be told alone: %o',
    async (limits) => {
      const alone = await limited(10, limits);
      const together = await limited(10, limits);
      const one = [];
      for (const index of upTo(10)) one.push(await alone.ask(index, 0));
      const { answers } = await together.askAll(upTo(10), 0);
      expect(answers).toEqual(one.map(({ waitMs, reason }) => ({ waitMs, reason })));
      const again = await together.askAll(upTo(10).slice(5), 0);
      expect(again.called).toEqual([]);
    },
  );
});

describe('askTurns(), by both', () => {
  test('a place is held until the instant that the rate gives', async () => {
    const { ask, leave, deliveries } = await limited(4, { rate_limit: 1, in_flight_max: 2 });
    expect(await ask(0, 0)).toMatchObject(go);
    expect(await ask(1, 0)).toMatchObject({ waitMs: 1000, reason: 'rate_limited' });
    expect(await ask(2, 0)).toMatchObject({ reason: 'in_flight_limit' });
    expect(await leave(0, 0.1)).toEqual([deliveries[2]?.id]);
    expect(await ask(2, 0.2)).toMatchObject({ reason: 'rate_limited' });
    expect(await ask(1, 1)).toMatchObject(go);
    expect(await ask(2, 2)).toMatchObject(go);
    expect(await ask(3, 2)).toMatchObject({ reason: 'in_flight_limit' });
  });
});
