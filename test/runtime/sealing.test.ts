import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { makeSealer } from '../../src/runtime/sealing.ts';

const sealer = makeSealer(randomBytes(32));

/** The same bytes with one bit of one of them turned. */
function turned(sealed: Buffer, at: number): Buffer {
  const copy = Buffer.from(sealed);
  copy.writeUInt8(copy.readUInt8(at) ^ 1, at);
  return copy;
}

describe('makeSealer()', () => {
  test.each(['whsec_c2VjcmV0', '', '密钥 ✅', 'x'.repeat(10_000)])(
    'opens what it sealed',
    (text) => {
      expect(sealer.open('sec_1', sealer.seal('sec_1', text))).toBe(text);
    },
  );

  test('the secret is not in what it sealed, and no two are the same', () => {
    const [first, second] = [sealer.seal('sec_1', 'secret'), sealer.seal('sec_1', 'secret')];
    expect(first.includes('secret')).toBe(false);
    expect(first.equals(second)).toBe(false);
  });

  const sealed = sealer.seal('sec_1', 'secret');
  test.each([
    ['of another row', sealer, 'sec_2', sealed],
    ['under another key', makeSealer(randomBytes(32)), 'sec_1', sealed],
    ['with another nonce', sealer, 'sec_1', turned(sealed, 0)],
    ['with another tag', sealer, 'sec_1', turned(sealed, 12)],
    ['that was changed', sealer, 'sec_1', turned(sealed, sealed.length - 1)],
    ['that was cut off', sealer, 'sec_1', sealed.subarray(0, -1)],
    ['that is too short', sealer, 'sec_1', sealed.subarray(0, 20)],
    ['that is empty', sealer, 'sec_1', Buffer.alloc(0)],
  ])('does not open a secret %s', (_, ...[opener, row, bytes]) => {
    expect(sealer.open('sec_1', sealed)).toBe('secret');
    expect(() => opener.open(row, bytes)).toThrow(`Cannot open the secret "${row}": MASTER_KEY`);
  });
});
