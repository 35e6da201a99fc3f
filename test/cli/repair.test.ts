import { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { addRepair } from '../../src/cli-repair.ts';

let printed: string;
let complained: string;
beforeEach(() => {
  printed = '';
  complained = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text);
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    complained += String(text);
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

type Call = readonly [method: string, path: string, body?: unknown];

/** Run the words against an API that answers what `answer` makes of each call; the calls. */
async function run(words: readonly string[], answer: (call: Call) => unknown): Promise<Call[]> {
  const calls: Call[] = [];
  const program = new Command();
  addRepair(program, async (...call) => {
    calls.push(call);
    return answer(call);
  });
  await program.parseAsync([...words], { from: 'user' });
  return calls;
}

describe('addRepair()', () => {
  test('lists what was asked for, and says nothing of more when that is all', async () => {
    const words = ['deliveries', '--state', 'parked', '--endpoint-id', 'ep_1', '--limit', '2'];
    const row = { id: 'dlv_1', state: 'parked', cycle: 1, attempt_count: 0 };
    const calls = await run(words, () => ({ data: [row], next_cursor: null }));
    expect(calls[0]?.[1]).toBe('/v1/deliveries?endpoint_id=ep_1&state=parked&limit=2');
    expect(printed).toContain('dlv_1');
    expect(printed).not.toContain('more');
  });

  test.each(['deliveries', 'dead-letters', 'rejected-requests'])(
    'says of %s that there are more than it shows',
    async (command) => {
      await run([command], () => ({ data: [{ id: 'a_1' }, { id: 'a_2' }], next_cursor: 'abc' }));
      expect(printed).toContain('The newest 2; there are more: narrow them, or raise --limit\n');
    },
  );

  test.each([
    [[{ id: 'dlv_1', state: 'redriven' }], undefined],
    [
      [
        { id: 'dlv_1', state: 'redriven' },
        { id: 'nope', state: 'refused', reason: 'not found' },
      ],
      1,
    ],
  ])('fails when a dead letter was refused: %j', async (results, exitCode) => {
    await run(['redrive', 'dlv_1', 'nope'], () => ({ matched: 1, results }));
    expect(printed).toContain('"redriven"');
    expect(process.exitCode).toBe(exitCode);
  });

  test('says why dead letters are redriven, when it is told', async () => {
    const redrive = async (...words: string[]): Promise<unknown> =>
      (await run(['redrive', 'dlv_1', ...words], () => ({ results: [] })))[0]?.[2];
    expect(await redrive('--reason', 'They have fixed it')).toEqual({
      ids: ['dlv_1'],
      reason: 'They have fixed it',
    });
    expect(await redrive()).toEqual({ ids: ['dlv_1'] });
  });

  test('releases the next ones when one is refused, and fails in the end', async () => {
    const calls = await run(['release', 'rej_1', 'rej_2'], ([, path]) => {
      if (path.includes('rej_1')) throw new Error('It is still rejected: signature_mismatch');
      return { id: 'rej_2', status: 'accepted' };
    });
    expect(calls).toHaveLength(2);
    expect(printed).toContain('"accepted"');
    expect(complained).toContain('rej_1: It is still rejected: signature_mismatch');
    expect(process.exitCode).toBe(1);
  });

  test('keeps an id in its place of the address, whatever it is', async () => {
    const calls = await run(['release', '../endpoints'], () => ({}));
    expect(calls[0]?.[1]).toBe('/v1/rejected-requests/..%2Fendpoints/release');
  });
});
