import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { schemes } from '../../src/domain/channel.ts';
import type { RawRequest } from '../../src/domain/channel.ts';
import {
  certain,
  diagnosed,
  good,
  integrationOf,
  older,
  platform,
  seconds,
  withHeader,
} from './doctor-cases.ts';

const generic = integrationOf('generic', 0, [older]);

describe('diagnose() of anything', () => {
  const every = Object.entries(schemes).flatMap(([channel, known]) =>
    known.map((_, index) => integrationOf(channel as keyof typeof schemes, index)),
  );

  test.each(every)(
    'an untouched request of $channel $mode $scheme verifies',
    async (integration) => {
      const diagnosis = await diagnosed(good(integration), integration);
      expect(diagnosis).toMatchObject({ outcome: 'verifies', reason: null });
      expect(certain(diagnosis)).toEqual(['verifies']);
    },
  );

  test('a signed request verifies, whatever its body', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
        const request = withHeader(signed(bytes), 'Content-Type', 'application/octet-stream');
        expect((await diagnosed(request, generic)).outcome).toBe('verifies');
      }),
      { numRuns: 100 },
    );
  });

  test('a byte changed on the way is never explained as something else', async () => {
    const isBlank = (byte: number): boolean => [9, 10, 13, 32].includes(byte);
    const change = fc.record({
      bytes: fc.uint8Array({ minLength: 1, maxLength: 60 }),
      at: fc.nat(),
      by: fc.integer({ min: 1, max: 255 }),
    });
    await fc.assert(
      fc.asyncProperty(change, async ({ bytes, at, by }) => {
        const index = at % bytes.length;
        const arrived = bytes.map((byte, position) => (position === index ? byte ^ by : byte));
        fc.pre(!(isBlank(bytes[index] ?? 0) && isBlank(arrived[index] ?? 0)));
        const diagnosis = await diagnosed({ ...signed(bytes), body: arrived }, generic);
        expect(diagnosis.outcome).toBe('unexplained');
        expect(certain(diagnosis)).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });

  test('whatever is sent is diagnosed', async () => {
    const text = fc.string({ unit: 'binary', maxLength: 40 });
    const names = fc.constantFrom(
      'X-Webhook-Signature',
      'X-Webhook-Timestamp',
      'Authorization',
      'token',
      'X-Lark-Signature',
      'webhook-signature',
    );
    const request = fc.record({
      query: text,
      headers: fc.array(fc.tuple(names, text)),
      body: fc.uint8Array(),
    });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...every), request, async (integration, raw) => {
        const { outcome } = await diagnosed({ method: 'POST', ...raw }, integration);
        expect(outcome).not.toBe('verifies');
      }),
      { numRuns: 60 },
    );
  });
});

function signed(bytes: Uint8Array): RawRequest {
  const covered = Buffer.concat([Buffer.from(`${seconds}.`), bytes]);
  return platform({ signed: covered, sent: Buffer.from(bytes) });
}
