import { describe, expect, test } from 'vitest';
import { instantFrom } from '../../src/runtime/instant.ts';

const now = new Date('2026-06-01T12:00:00Z');

describe('instantFrom()', () => {
  test.each([
    ['-90s', '2026-06-01T11:58:30.000Z'],
    ['-30m', '2026-06-01T11:30:00.000Z'],
    ['-1h', '2026-06-01T11:00:00.000Z'],
    ['-7d', '2026-05-25T12:00:00.000Z'],
    ['2026-01-31', '2026-01-31T00:00:00.000Z'],
    ['2026-01-31T12:00:00Z', '2026-01-31T12:00:00.000Z'],
    ['2026-01-31T12:00:00.5+08:00', '2026-01-31T04:00:00.500Z'],
  ])('reads "%s"', (text, instant) => {
    expect(instantFrom(text, now).toISOString()).toBe(instant);
  });

  test.each(['1h', '-1w', '- 1h', '-1.5h', '2026-01-31T12:00:00', '2026-13-01', 'yesterday', ''])(
    'refuses "%s" and says what can be written',
    (text) => {
      expect(() => instantFrom(text, now)).toThrow(`"${text}" is no instant: write -1h`);
    },
  );
});
