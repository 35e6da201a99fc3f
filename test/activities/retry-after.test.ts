import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeHttpClient } from '../../activities/http.ts';
import { makeEgress } from '../../src/runtime/egress.ts';
import { startConsumer } from '../support/consumer.ts';
import type { Consumer } from '../support/consumer.ts';

const http = makeHttpClient(makeEgress(['127.0.0.1']));
let consumer: Consumer;
beforeAll(async () => {
  consumer = await startConsumer();
});
afterAll(async () => {
  await http.close();
  await consumer.close();
});

describe('Retry-After', () => {
  async function waitOf(status: number, text: string): Promise<number | null> {
    consumer.plan('/busy', (response) => response.writeHead(status, { 'retry-after': text }).end());
    const post = { headers: {}, body: Buffer.alloc(0), timeoutMs: 5000 };
    return (await http.post({ ...post, url: `${consumer.url}/busy` })).retryAfterMs;
  }

  test.each([
    [429, '7', 7000],
    [503, ' 120 ', 120_000],
    [503, '0', 0],
    [500, '7', null],
    [429, '-7', null],
    [429, '1.5', null],
    [429, 'soon', null],
    [429, '999999999999', 3_600_000],
    [503, 'Fri, 31 Dec 9999 23:59:59 GMT', 3_600_000],
    [429, 'Wed, 21 Oct 2015 07:28:00 GMT', null],
  ])('of %d "%s" is %s', async (status, text, waitMs) => {
    expect(await waitOf(status, text)).toBe(waitMs);
  });

  test('as a date counts from now', async () => {
    const waitMs = await waitOf(503, new Date(Date.now() + 60_000).toUTCString());
    expect(waitMs).toBeGreaterThan(55_000);
    expect(waitMs).toBeLessThanOrEqual(60_000);
  });
});
