import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeHttpClient } from '../../activities/http.ts';
import { makeEgress } from '../../src/runtime/egress.ts';
import { startConsumer } from '../support/consumer.ts';
import type { Consumer } from '../support/consumer.ts';

let consumer: Consumer;
beforeAll(async () => {
  consumer = await startConsumer();
});
afterAll(async () => consumer.close());

describe('timings of post()', () => {
  const slowly = async (): Promise<string[]> => {
    await new Promise((resolve) => setTimeout(resolve, 60));
    return ['127.0.0.1'];
  };
  const post = { headers: {}, body: Buffer.alloc(0), timeoutMs: 5000 };

  test('are those of this POST; on a connection of before only the answer takes time', async () => {
    const named = makeHttpClient(makeEgress(['127.0.0.1'], slowly));
    const url = `http://a.customer.example:${new URL(consumer.url).port}/timed`;
    const answerSlowly = (response: ServerResponse): void =>
      void setTimeout(() => response.end(), 80);
    await named.post({ ...post, url: url.replace('//a.', '//b.') }); // The client's first is slower.
    consumer.plan('/timed', answerSlowly, answerSlowly);
    const first = await named.post({ ...post, url });
    await new Promise((resolve) => setTimeout(resolve, 20)); // Until the connection is free again.
    const second = await named.post({ ...post, url });
    await named.close();
    const { dnsMs, connectMs, tlsMs, firstByteMs } = first.timings;
    expect(dnsMs).toBeGreaterThanOrEqual(55);
    expect(tlsMs).toBeNull();
    expect(firstByteMs).toBeGreaterThanOrEqual(75);
    const sum = Number(dnsMs) + Number(connectMs) + Number(firstByteMs);
    expect(Math.abs(first.durationMs - sum)).toBeLessThan(30);
    expect(second.timings).toMatchObject({ dnsMs: null, connectMs: null, tlsMs: null });
    expect(second.timings.firstByteMs).toBeGreaterThanOrEqual(75);
  });

  test('of an address have no DNS, and of no answer no first byte', async () => {
    const { port } = new URL(consumer.url);
    consumer.always('/never', () => undefined);
    const plain = makeHttpClient(makeEgress(['127.0.0.1']));
    const url = `http://127.0.0.1:${port}/never`;
    const { timings, reason } = await plain.post({ ...post, timeoutMs: 200, url });
    await plain.close();
    expect(reason).toBe('timeout');
    expect(timings).toEqual({
      dnsMs: null,
      connectMs: expect.any(Number) as unknown,
      tlsMs: null,
      firstByteMs: null,
    });
  });

  test('of many at one time are of each alone', async () => {
    const egress = makeEgress(['127.0.0.1'], slowly);
    const named = makeHttpClient(egress);
    const { port } = new URL(consumer.url);
    const urls = ['a', 'b', 'c'].map((name) => `http://${name}.customer.example:${port}/many`);
    const answers = await Promise.all(urls.map((url) => named.post({ ...post, url })));
    await named.close();
    for (const { timings } of answers) expect(timings.dnsMs).toBeGreaterThanOrEqual(55);
  });
});
