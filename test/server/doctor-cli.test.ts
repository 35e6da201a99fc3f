import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { readRawHttp } from '../../server/doctor/raw-http.ts';
import { addDoctor } from '../../src/cli-doctor.ts';
import { body, now, older, platform, values } from './doctor-cases.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'doctor-'));
});
afterAll(async () => rm(folder, { recursive: true }));

let printed: string;
beforeEach(() => {
  printed = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text);
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

async function dumpOf(request: ReturnType<typeof platform>): Promise<string> {
  const head = request.headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  const file = join(folder, 'request.http');
  const text = `POST /v1/webhook/generic HTTP/1.1\r\n${head}\r\n`;
  await writeFile(file, Buffer.concat([Buffer.from(text), request.body]));
  return file;
}

async function run(args: readonly string[], answer?: unknown): Promise<unknown[]> {
  const calls: unknown[] = [];
  const program = new Command();
  addDoctor(program, async (...call) => {
    calls.push(call);
    return answer;
  });
  await program.parseAsync(['doctor', 'signature', ...args], { from: 'user' });
  return calls;
}

const offline = (file: string, secret: string): string[] => [
  '--channel=generic',
  `--request=${file}`,
  `--secret=platform=${secret}`,
  `--at=${now.toISOString()}`,
];

describe('addDoctor()', () => {
  test.each([
    ['that verifies', 'It verifies', 0, platform()],
    ['that is explained', 'newline', 0, platform({ sent: `${body}\n` })],
    ['that is not explained', 'another secret', 1, platform({ key: older.value })],
  ])('tells without a platform of a request %s', async (...[, words, code, request]) => {
    await run(offline(await dumpOf(request), values['platform'] ?? ''));
    expect(printed).toContain(words);
    expect(printed).not.toContain(values['platform']);
    expect(process.exitCode).toBe(code);
  });

  test('asks the platform about a kept request, or one in a file', async () => {
    const answer = { outcome: 'verifies', reason: null, findings: [], tried: 0, is_complete: true };
    expect(await run(['rej_1'], answer)).toEqual([
      ['POST', '/v1/signature-doctor', { rejected_request_id: 'rej_1' }],
    ]);
    const file = await dumpOf(platform());
    const [call] = await run(['--integration', 'int_1', '--request', file], answer);
    expect(call).toMatchObject(['POST', '/v1/signature-doctor', { integration_id: 'int_1' }]);
  });

  test.each([
    ['nothing', []],
    ['a channel without a request', ['--channel', 'generic']],
  ])('refuses %s', async (_, args) => {
    await expect(run(args)).rejects.toThrow('Give');
  });

  test('takes a secret without a kind for the first kind of the scheme', async () => {
    const file = await dumpOf(platform());
    const secret = `--secret=${values['platform']}`;
    await run(['--channel=generic', `--request=${file}`, secret, `--at=${now.toISOString()}`]);
    expect(printed).toContain('It verifies');
  });

  test.each([
    ['an unknown channel', ['--channel=jira'], 'There is no channel "jira": use lark'],
    [
      'an unknown scheme',
      ['--channel=gitee', '--scheme=rsa'],
      'has no such scheme: there are native/password, native/signature, platform',
    ],
    ['a kind without a value', ['--channel=generic', '--secret=platform='], 'has no value'],
  ])('refuses %s without a platform', async (_, args, words) => {
    const file = await dumpOf(platform());
    await expect(run([`--request=${file}`, ...args])).rejects.toThrow(words);
  });
});

describe('readRawHttp()', () => {
  test.each([
    ['CRLF', 'POST /a?b=c HTTP/1.1\r\nA: b\r\n\r\nx\r\n\r\n'],
    ['LF', 'POST /a?b=c HTTP/1.1\nA: b\n\nx\r\n\r\n'],
    ['curl -v', '> POST /a?b=c HTTP/1.1\r\n> A: b\r\n> \r\nx\r\n\r\n'],
    ['headers alone', 'A: b\n\nx\r\n\r\n'],
  ])('reads a head in %s and keeps the body as it is', (name, dump) => {
    const query = name === 'headers alone' ? '' : 'b=c';
    const body = Buffer.from('x\r\n\r\n');
    expect(readRawHttp(Buffer.from(dump))).toEqual({
      method: 'POST',
      query,
      headers: [['A', 'b']],
      body,
    });
  });

  test('says what is missing, and not what a line holds', () => {
    expect(() => readRawHttp(Buffer.from('A: b\n'))).toThrow('empty line');
    expect(() => readRawHttp(Buffer.from('no header\n\n'))).toThrow(
      /^(?!.*no header\b).*Name: value/,
    );
  });
});
