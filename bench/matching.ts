import { readFile } from 'node:fs/promises';
import type { ActiveTrigger, TriggerDefinition, TriggerScope } from '../src/domain/trigger.ts';
import { table } from '../src/runtime/text-table.ts';
import { makeTriggerIndex } from '../src/runtime/trigger-index.ts';
import type { TriggerIndex } from '../src/runtime/trigger-index.ts';

/**
 * What it costs to match one event against 10 triggers and against 1,000, of which three match each
 * time: what does not grow with the triggers has a ratio near 1.
 */

const sizes = { small: 10, large: 1000 };

/** In turns, so that what the machine does besides meets both. */
const rounds = 300;

/** Events of one round: one alone is shorter than the clock can tell. */
const eventsPerRound = 20;

const event = {
  tenantId: 'ten_bench',
  source: 'github',
  type: 'pull_request',
  depth: 0,
  triggerId: null,
};

async function main(): Promise<void> {
  const body: unknown = JSON.parse(await readFile('samples/github/pull_request.json', 'utf8'));
  const small = makeTriggerIndex(triggersFor(sizes.small));
  const large = makeTriggerIndex(triggersFor(sizes.large));
  const times = { small: [] as number[], large: [] as number[] };
  for (let round = 0; round < rounds; round += 1) {
    times.small.push(timeOf(small, body));
    times.large.push(timeOf(large, body));
  }
  const [few, many] = [medianOf(times.small), medianOf(times.large)];
  const row = {
    [`${sizes.small} triggers, µs`]: few.toFixed(1),
    [`${sizes.large} triggers, µs`]: many.toFixed(1),
    ratio: (many / few).toFixed(2),
  };
  process.stdout.write(`${table(Object.keys(row), [row])}\n`);
}

/** Three that match; the others listen to other types, half of them by a glob. */
function triggersFor(count: number): ActiveTrigger[] {
  const wanted = [['pull_request'], ['pull_*'], ['*']];
  return Array.from({ length: count }, (_, number) => {
    const other = number % 2 === 0 ? `type_${number}` : `type_${number}.*`;
    return triggerFor(number, wanted[number] ?? [other]);
  });
}

function triggerFor(number: number, events: readonly string[]): ActiveTrigger {
  const definition: TriggerDefinition = {
    name: `trigger-${number}`,
    description: null,
    on: [{ source: 'github', events, as: null, when: null }],
    join: null,
    when: "body.action in ['opened', 'synchronize'] && !body.pull_request.draft",
    dedupe: { key: "body.repository.full_name + '@' + body.pull_request.head.sha", forMs: 1000 },
    debounce: null,
    concurrency: null,
    throttle: null,
    action: { kind: 'workflow', name: 'reviewPullRequest', with: {} },
    timeoutMs: null,
    retry: null,
    mode: 'active',
  };
  return { id: `trg_${number}`, tenantId: 'ten_bench', revision: 1, definition };
}

/** Microseconds for an event. */
function timeOf(index: TriggerIndex, body: unknown): number {
  const startedAt = performance.now();
  for (let count = 0; count < eventsPerRound; count += 1) {
    const runs = index.match(event, () => scopeOf(body));
    const bad = runs.find(({ failure }) => failure !== null);
    if (runs.length !== 3 || bad) throw new Error(bad?.failure ?? `${runs.length} runs, not 3`);
  }
  return ((performance.now() - startedAt) * 1000) / eventsPerRound;
}

function scopeOf(body: unknown): TriggerScope {
  const facts = { id: 'evt_bench', source: 'github', type: 'pull_request', tenant_id: 'ten_bench' };
  const received_at = '2026-06-01T12:00:00.000Z';
  const fresh = { ...facts, received_at, attempt: 1, replay: false };
  return { event: fresh, body, headers: {}, query: {} };
}

function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

await main();
