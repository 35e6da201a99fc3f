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

  test.each(every)('an untouched request of $channel $mode $scheme verifies', (integration) => {
    const diagnosis = diagnosed(good(integration), integration);
    expect(diagnosis).toMatchObject({ outcome: 'verifies', reason: null });
    expect(certain(diagnosis)).toEqual(['verifies']);
  });

  test('a signed request verifies, whatever its body', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const request = withHeader(signed(bytes), 'Content-Type', 'application/octet-stream');
        expect(diagnosed(request, generic).outcome).toBe('verifies');
      }),
      { numRuns: 100 },
    );
  });

  test('a byte changed on the way is never explained as something else', () => {
    const isBlank = (byte: number): boolean => [9, 10, 13, 32].includes(byte);
    const change = fc.record({
      bytes: fc.uint8Array({ minLength: 1, maxLength: 60 }),
      at: fc.nat(),
      by: fc.integer({ min: 1, max: 255 }),
    });
    fc.assert(
      fc.property(change, ({ bytes, at, by }) => {
        const index = at % bytes.length;
        const arrived = bytes.map((byte, position) => (position === index ? byte ^ by : byte));
        fc.pre(!(isBlank(bytes[index] ?? 0) && isBlank(arrived[index] ?? 0)));
        const diagnosis = diagnosed({ ...signed(bytes), body: arrived }, generic);
        expect(diagnosis.outcome).toBe('unexplained');
        expect(certain(diagnosis)).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });

  test('whatever is sent is diagnosed', () => {
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
    fc.assert(
      fc.property(fc.constantFrom(...every), request, (integration, raw) => {
        expect(diagnosed({ method: 'POST', ...raw }, integration).outcome).not.toBe('verifies');
      }),
      { numRuns: 60 },
    );
  });
});

function signed(bytes: Uint8Array): RawRequest {
  const covered = Buffer.concat([Buffer.from(`${seconds}.`), bytes]);
  return platform({ signed: covered, sent: Buffer.from(bytes) });
}
