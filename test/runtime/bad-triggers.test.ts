import { describe, expect, test } from 'vitest';
import { checkTriggerCases } from '../../src/check-triggers.ts';

describe('test/fixtures/bad-triggers', () => {
  test('each file is taken or refused as its first lines say', async () => {
    const said: string[] = [];
    await checkTriggerCases('test/fixtures/bad-triggers', (line) => void said.push(line));
    expect(said).toEqual([expect.stringMatching(/^\d{3} passed, 0 failed$/)]);
  });
});
