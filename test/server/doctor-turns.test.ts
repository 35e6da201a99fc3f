import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { makeTurns } from '../../server/doctor/turns.ts';
import { Problem } from '../../src/domain/problem.ts';
import { diagnosed, integrationOf, older, platform } from './doctor-cases.ts';

/** Some 300 KB that every way of writing JSON writes in another way. */
function largeBody(): string {
  const items = Array.from({ length: 3600 }, (_, id) => ({ id, name: `Zoë </${id}>`, b: [1, {}] }));
  return JSON.stringify({ items, filling: 'a/é<'.repeat(24_000) });
}

/** How many milliseconds a timer of 10 ms came late, at worst, until the work was done. */
async function latenessDuring(work: () => Promise<unknown>): Promise<number> {
  let worstMs = 0;
  let since = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    worstMs = Math.max(worstMs, now - since - 10);
    since = now;
  }, 10);
  await work();
  worstMs = Math.max(worstMs, performance.now() - since - 10);
  clearInterval(timer);
  return worstMs;
}

describe('diagnose() of a large body', () => {
  test.each([
    ['an ordinary one', largeBody()],
    // Of these each style writes the same: nothing is tried between the writing of one and the next.
    ['one in which nothing can be written otherwise', JSON.stringify('a'.repeat(300_000))],
    ['one with sorted keys', JSON.stringify(Array.from({ length: 100_000 }, () => 1))],
  ])(
    'lets others have the event loop in the meantime: %s',
    async (_, sent) => {
      expect(sent.length).toBeGreaterThan(200_000);
      const request = platform({ key: 'of nobody', sent });
      const integration = integrationOf('generic', 0, [older]);
      const lateness = async (): Promise<number> =>
        latenessDuring(async () => {
          expect(await diagnosed(request, integration)).toMatchObject({ outcome: 'unexplained' });
        });
      let bestMs = await lateness();
      // A machine that does something else at the moment is not meant.
      for (let more = 0; more < 10 && bestMs >= 150; more += 1) {
        bestMs = Math.min(bestMs, await lateness());
      }
      expect(bestMs).toBeLessThan(150);
    },
    60_000,
  );
});

describe('makeTurns()', () => {
  test('does one work at a time, in order, and refuses one too many', async () => {
    const take = makeTurns(2);
    const told: string[] = [];
    const finish: (() => void)[] = [];
    const work = async (name: string): Promise<string> => {
      told.push(`${name} begins`);
      await new Promise<void>((resolve) => finish.push(resolve));
      told.push(`${name} ends`);
      return name;
    };
    const taken = ['a', 'b', 'c'].map(async (name) => take(async () => work(name)));
    const refused = take(async () => work('d'));
    await expect(refused).rejects.toThrow(Problem);
    await expect(refused).rejects.toMatchObject({ code: 'unavailable' });
    expect(told).toEqual(['a begins']);
    while (finish.length > 0) {
      finish.shift()?.();
      await setImmediate();
    }
    expect(await Promise.all(taken)).toEqual(['a', 'b', 'c']);
    expect(told).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
  });

  test('a work that fails hands the turn on, and its place', async () => {
    const take = makeTurns(1);
    const failed = take(async () => {
      throw new Error('A bug');
    });
    const next = take(async () => 'done');
    await expect(failed).rejects.toThrow('A bug');
    expect(await next).toBe('done');
    expect(await Promise.all([take(async () => 1), take(async () => 2)])).toEqual([1, 2]);
  });
});
