import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { Command } from 'commander';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { addTrigger } from '../../src/cli-trigger.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'durahook-triggers-'));
});
afterAll(() => rm(folder, { recursive: true }));

let printed: string;
beforeEach(() => {
  printed = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += stripVTControlCharacters(String(text)); // Coloured where FORCE_COLOR is set.
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  process.exitCode = undefined;
});

/** Run a command; each answer is for one call of the API, in order. */
async function run(args: readonly string[], ...answers: readonly unknown[]): Promise<unknown[]> {
  const calls: unknown[] = [];
  const program = new Command();
  addTrigger(program, async (...call) => {
    calls.push(call);
    return answers[calls.length - 1];
  });
  await program.parseAsync(['trigger', ...args], { from: 'user' });
  return calls;
}

const review = `trigger: review
on: { source: github, events: [pull_request] }
when: body.action == 'opened' && !body.pull_request.draft
do: { emit: custom.review.wanted, with: { url: "\${{ body.pull_request.html_url }}" } }
concurrency: { key: body.repository.full_name }
tests:
  - { name: a new one, event: github/pull_request.json, expect: { fires: true } }
  - { name: a draft, event: github/pull_request.draft.json, expect: { fires: false } }
`;

async function write(file: string, text: string): Promise<string> {
  const path = join(folder, file);
  await writeFile(path, text);
  return path;
}

describe('trigger validate', () => {
  test('says that a file is valid, without a platform', async () => {
    const file = await write('review.yaml', review);
    expect(await run(['validate', file])).toEqual([]);
    expect(printed).toBe(`valid    ${file}\n`);
    expect(process.exitCode).toBeUndefined();
  });

  test.each([
    ['a source', 'source: github', 'source: gihub', ':2:15: on.source: ', 'mean "github"'],
    ['a key', 'when:', 'wen:', ':3:1: wen: ', 'mean "when"'],
    ['an expression', '!body.pull', '!!body..pull', ':3:', 'when'],
    ['a test', 'github/pull_request.draft', 'gihub/pull_request.draft', ':8:', 'mean "github"'],
  ])('says where %s is wrong, and what is meant', async (...[, right, wrong, place, meant]) => {
    const file = await write('wrong.yaml', review.replace(right, wrong));
    await run(['validate', file]);
    expect(printed).toContain(`${file}${place}`);
    expect(printed).toContain(meant);
    expect(process.exitCode).toBe(1);
  });

  test('takes every file of TRIGGERS_DIR, of which two may not hold one trigger', async () => {
    const other = await mkdtemp(join(folder, 'all-'));
    vi.stubEnv('TRIGGERS_DIR', other);
    await writeFile(join(other, 'a.yaml'), review);
    await writeFile(join(other, 'b.yml'), review);
    await writeFile(join(other, 'notes.txt'), 'no trigger');
    await run(['validate']);
    expect(printed).toBe(
      `valid    ${other}/a.yaml\n` +
        `${other}/b.yml:1:1: trigger: The trigger "review" is in ${other}/a.yaml already\n`,
    );
    expect(process.exitCode).toBe(1);
  });

  test('an address that is not public needs EGRESS_ALLOW, as on a platform', async () => {
    const action = 'do: { forward: "http://127.0.0.1:9/x" }';
    const on = 'on: { source: github, events: [push] }';
    const file = await write('local.yaml', `trigger: local\n${on}\n${action}\n`);
    await run(['validate', file]);
    expect(printed).toContain(`${file}:3:`);
    printed = '';
    vi.stubEnv('EGRESS_ALLOW', '127.0.0.0/8');
    await run(['validate', file]);
    expect(printed).toBe(`valid    ${file}\n`);
    vi.stubEnv('EGRESS_ALLOW', 'not an address');
    await expect(run(['validate', file])).rejects.toThrow('EGRESS_ALLOW: "not an address" is no');
  });

  test('names a file or folder that is not there', async () => {
    await expect(run(['validate', 'no.yaml'])).rejects.toThrow('Cannot read "no.yaml"');
    vi.stubEnv('TRIGGERS_DIR', 'nowhere');
    await expect(run(['validate'])).rejects.toThrow(
      'Cannot read the folder "nowhere": name files, or set TRIGGERS_DIR',
    );
  });
});

describe('trigger test', () => {
  test('runs the tests of a file, without a platform', async () => {
    const file = await write('review.yaml', review);
    expect(await run(['test', file])).toEqual([]);
    expect(printed).toContain(
      `${file}\n  passed  a new one: fires\n  passed  a draft: does not fire`,
    );
    expect(process.exitCode).toBeUndefined();
  });

  test('fails with what was seen instead, and goes on', async () => {
    const file = await write('failing.yaml', review.replace('fires: true', 'fires: false'));
    await run(['test', file]);
    expect(printed).toContain('failed  a new one: fires\n  passed  a draft');
    expect(process.exitCode).toBe(1);
  });

  test('says that there are none, or what is wrong with the file', async () => {
    const [head = ''] = review.split('tests:');
    const file = await write('none.yaml', head);
    await run(['test', file]);
    expect(printed).toBe(`${file} has no tests\n`);
    const broken = await write('broken.yaml', 'trigger: [');
    await run(['test', broken]);
    expect(printed).toContain(`${broken}:1:`);
    expect(process.exitCode).toBe(1);
  });
});

describe('trigger dry-run', () => {
  test('of a file and a sample needs no platform, and names the part that decided', async () => {
    const file = await write('review.yaml', review);
    expect(await run(['dry-run', file, 'github/pull_request.draft'])).toEqual([]);
    expect(printed).toMatch(/^does not fire: /);
    expect(printed).toContain('  because  body.pull_request.draft is true');
  });

  test('tells the keys, and what would be done', async () => {
    const file = await write('review.yaml', review);
    await run(['dry-run', file, 'github/pull_request']);
    expect(printed).toMatch(/^fires\n/);
    expect(printed).toContain('  key      concurrency acme-labs/checkout\n');
    expect(printed).toContain('  does     emit custom.review.wanted\n');
    expect(printed).toContain('"url": "https://github.com/acme-labs/checkout/pull/482"');
  });

  const answer = {
    fires: false,
    why: 'another type: wants push',
    decisive: null,
    guards: null,
    action: null,
    failure: null,
  };

  test('asks the platform about a recorded event, with the text that lies here', async () => {
    const file = await write('review.yaml', review);
    expect(await run(['dry-run', file, 'evt_1'], answer)).toEqual([
      ['POST', '/v1/triggers/dry-run', { text: review, event_id: 'evt_1' }],
    ]);
    expect(printed).toBe('does not fire: another type: wants push\n');
  });

  test('asks the platform for a trigger that it alone knows', async () => {
    vi.stubEnv('TRIGGERS_DIR', folder);
    const calls = await run(['dry-run', 'nightly', 'github/push'], { data: [nightly] }, answer);
    expect(calls).toEqual([
      ['GET', '/v1/triggers'],
      ['POST', '/v1/triggers/trg_1/dry-run', { sample: 'github/push' }],
    ]);
    await expect(run(['dry-run', 'nigthly', 'evt_1'], { data: [nightly] })).rejects.toThrow(
      'There is no trigger "nigthly", neither as a file nor here: nightly',
    );
  });
});

const nightly = {
  id: 'trg_1',
  name: 'nightly',
  revision: 2,
  is_active: true,
  problem: null,
  quarantine: null,
  mode: 'shadow',
  runs_24h: 3,
  failures_24h: 0,
  last_run_at: null,
};

describe('trigger backtest', () => {
  const counted = {
    from: '2026-01-24T00:00:00.000Z',
    to: '2026-01-31T00:00:00.000Z',
    events: 9,
    would_fire: 3,
    fired: 2,
    both: 2,
    only_would: 1,
    only_did: 0,
    failures: 0,
    skipped_large: 0,
    is_cut: false,
    differences: [
      {
        event_id: 'evt_1',
        event_type: 'push',
        received_at: '2026-01-30T00:00:00.000Z',
        would: true,
        did: null,
        why: 'fires',
        decisive: { expression: 'body.forced', outcome: 'true' },
      },
    ],
  };

  test('asks for the time from now back, with the text of a file, and tells what differs', async () => {
    const file = await write('review.yaml', review);
    const since = ['--since', '7d', '--file', file];
    const before = Date.now();
    const calls = await run(['backtest', 'nightly', ...since], { data: [nightly] }, counted);
    const [, [, path, body] = []] = calls as [string, string, { from: string; text: string }][];
    expect(path).toBe('/v1/triggers/trg_1/backtest');
    expect(body?.text).toBe(review);
    expect(before - Date.parse(body?.from ?? '')).toBeLessThanOrEqual(7 * 86_400_000);
    expect(printed).toBe(`9 events from 2026-01-24T00:00:00.000Z to 2026-01-31T00:00:00.000Z
  would fire   3
  fired        2
  both         2
  only would   1
  only did     0
evt_1 push 2026-01-30T00:00:00.000Z: would fire, did not
  why      fires
  because  body.forced is true
`);
  });

  test('refuses a file that is broken, and a time that is none', async () => {
    const file = await write('broken.yaml', 'trigger: [');
    const args = ['backtest', 'nightly', '--since', '1h', '--file', file];
    await expect(run(args, { data: [nightly] })).rejects.toThrow(`${file}:1:`);
    await expect(run(['backtest', 'nightly', '--since', 'soon'])).rejects.toThrow('"soon"');
  });
});

test('trigger list tells the state of each', async () => {
  const states = [{}, { is_active: false }, { problem: 'a.yaml:1:1: no' }, { quarantine: 'slow' }];
  await run(['list'], { data: states.map((state) => ({ ...nightly, ...state })) });
  const shown = ['shadow', 'inactive', 'broken: a.yaml:1:1: no', 'quarantined: slow'];
  for (const state of shown) expect(printed).toMatch(new RegExp(`nightly +2 +${state}`));
});
