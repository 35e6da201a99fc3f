import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { checkSsrfCases } from '../src/check-ssrf.ts';

const folder = mkdtempSync(join(tmpdir(), 'durahook-ssrf-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function check(file: string): Promise<string[]> {
  const said: string[] = [];
  const code = await checkSsrfCases(file, (line) => void said.push(line));
  return [...said, `exit ${code}`];
}

describe('checkSsrfCases()', () => {
  test('every URL of test/fixtures/ssrf.json is reached or blocked as the file says', async () => {
    expect(await check('test/fixtures/ssrf.json')).toEqual([
      expect.stringMatching(/^\d{2,} passed, 0 failed$/),
      'exit 0',
    ]);
  });

  test('tells each case that is off, with what was seen', async () => {
    const resolver = { 'a.example': [['93.184.216.34'], ['10.0.0.1']] };
    const cases = [
      { id: 'private-allowed', url: 'http://10.0.0.1/', expect: 'allowed' },
      { id: 'public-blocked', url: 'http://93.184.216.34/', expect: 'blocked' },
      { id: 'first', url: 'http://a.example/', expect: 'allowed', attempt: 1, resolver },
      { id: 'second', url: 'http://a.example/', expect: 'allowed', attempt: 2, resolver },
      {
        id: 'redirect',
        url: 'http://93.184.216.34/',
        expect: 'blocked',
        redirect_to: 'http://127.0.0.1/',
        expect_requests: 2,
      },
    ];
    const file = join(folder, 'cases.json');
    writeFileSync(file, JSON.stringify({ cases }));
    const said = await check(file);
    expect(said.map((line) => line.split(':')[0])).toEqual([
      'private-allowed',
      'public-blocked',
      'second',
      'redirect',
      '1 passed, 4 failed',
      'exit 1',
    ]);
  });
});
