import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { errorText } from '../../src/cli-error.ts';

describe('errorText()', () => {
  test('says of an error what it says', () => {
    expect(errorText(new Error('No such trigger'))).toBe('No such trigger');
    expect(errorText('text')).toBe('text');
  });

  test('names the file that can not be read', async () => {
    const error: unknown = await readFile('/nowhere/x.json').catch((reason: unknown) => reason);
    expect(errorText(error)).toBe('Cannot read "/nowhere/x.json": ENOENT');
  });

  test('says in words, not in JSON, what does not fit', () => {
    const { error } = z.object({ cases: z.array(z.string()) }).safeParse({});
    expect(errorText(error)).toMatch(/^What was read has another form than it should:\n/);
    expect(errorText(error)).toContain('at cases');
    expect(errorText(error)).not.toContain('{');
  });

  test('says of several addresses that refused what the first of them said', () => {
    const refused = [new Error('connect ECONNREFUSED ::1:1'), new Error('connect ECONNREFUSED')];
    expect(errorText(new AggregateError(refused))).toBe('connect ECONNREFUSED ::1:1');
  });
});
