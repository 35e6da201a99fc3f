import { describe, expect, test } from 'vitest';
import { table } from '../../src/runtime/text-table.ts';

describe('table()', () => {
  test('puts rows under their fields, in columns as wide as they need', () => {
    const rows = [
      { id: 'dlv_1', attempts: 1, error: null },
      { id: 'dlv_22', attempts: 12, error: 'timeout' },
    ];
    expect(table(['id', 'attempts', 'error'], rows)).toBe(
      ['id      attempts  error', 'dlv_1   1         -', 'dlv_22  12        timeout'].join('\n'),
    );
  });

  test('says that there is nothing', () => {
    expect(table(['id'], [])).toBe('Nothing there');
  });

  test.each(['\u001b[2J', 'a\nb', '\u009b31m', '\u0007'])(
    'a control character of the data does not reach the terminal',
    (hostile) => {
      const [, line = ''] = table(['id'], [{ id: hostile }]).split(/\n(.*)/s);
      // oxlint-disable-next-line no-control-regex -- they are what must not be there
      expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
      expect(line).toContain('?');
    },
  );
});
