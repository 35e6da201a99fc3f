import { isDeepStrictEqual } from 'node:util';
import type {
  EventPattern,
  EventScope,
  TriggerDefinition,
  TriggerScope,
} from '../domain/trigger.ts';
import { matchesType } from './event-pattern.ts';
import { dryRunTrigger } from './trigger-dry-run.ts';
import type { DryRun } from './trigger-dry-run.ts';
import type { TriggerTest, TriggerTestEvent } from './trigger-schema.ts';

/** What came out of a test that stands in a trigger file. */
export interface TriggerTestResult {
  readonly name: string;
  readonly passed: boolean;
  /** What the trigger did, and why: `does not fire: …`, `fires with {…}`. */
  readonly seen: string;
}

/** Reads a sample as expressions see it, by its path: `github/pull_request.draft.json`. */
export type ReadSampleEvent = (path: string) => Promise<EventScope>;

/**
 * Run the tests of a trigger, in order. Nothing is started, and no test stops the others: one whose
 * sample can't be read has failed.
 */
export async function runTriggerTests(
  definition: TriggerDefinition,
  tests: readonly TriggerTest[],
  readEvent: ReadSampleEvent,
): Promise<TriggerTestResult[]> {
  const results: TriggerTestResult[] = [];
  for (const test of tests) {
    const { name } = test;
    try {
      const run = dryRunTrigger(definition, await readScope(definition, test, readEvent));
      results.push({ name, passed: isAsExpected(run, test), seen: seenIn(run, test) });
    } catch (error) {
      const seen = error instanceof Error ? error.message : String(error);
      results.push({ name, passed: false, seen });
    }
  }
  return results;
}

async function readScope(
  definition: TriggerDefinition,
  { event, events = {} }: TriggerTest,
  readEvent: ReadSampleEvent,
): Promise<TriggerScope> {
  const read = async (one: TriggerTestEvent, part: string | null): Promise<EventScope> => {
    if (typeof one === 'string') return readEvent(one);
    return scopeInPlace(
      one,
      definition.on.filter(({ as }) => as === part),
    );
  };
  if (event !== undefined) return read(event, null);
  const parts: Record<string, EventScope> = {};
  for (const [name, one] of Object.entries(events)) parts[name] = await read(one, name);
  const [first] = Object.values(parts);
  if (first) return { ...first, parts };
  throw new Error('The test has no event');
}

/** An event that is written in the file itself. */
function scopeInPlace(
  event: Exclude<TriggerTestEvent, string>,
  patterns: readonly EventPattern[],
): EventScope {
  const { type, body = null, headers = {}, query = {} } = event;
  const meant = patterns.find(({ events }) => events.some((one) => matchesType(one, type)));
  const source = event.source ?? (meant ?? patterns[0])?.source ?? '';
  return {
    event: {
      id: 'evt_test',
      source: source === 'events' ? 'platform' : source,
      type,
      tenant_id: 'ten_test',
      received_at: '2026-01-01T00:00:00.000Z',
      attempt: 1,
      replay: false,
    },
    body,
    headers,
    query,
  };
}

/** An expression that fails is what was expected only where `why` says so. */
function isAsExpected(run: DryRun, { expect: expected }: TriggerTest): boolean {
  const { fires, why, with: values } = expected;
  if (run.fires !== fires) return false;
  if (run.failure !== null) return why !== undefined && run.failure.includes(why);
  if (why !== undefined && !run.why.includes(why)) return false;
  return values === undefined || isPartOf(values, run.action?.with);
}

/** Whether a value has all that is expected of it: in a map other keys may stand besides. */
function isPartOf(expected: unknown, value: unknown): boolean {
  if (Array.isArray(expected)) {
    return (
      Array.isArray(value) &&
      value.length === expected.length &&
      expected.every((item, index) => isPartOf(item, value[index]))
    );
  }
  if (!isMap(expected)) return isDeepStrictEqual(expected, value);
  return (
    isMap(value) &&
    Object.entries(expected).every(
      ([key, item]) => Object.hasOwn(value, key) && isPartOf(item, value[key]),
    )
  );
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Enough of a `with` to see what is other than expected. */
const shownMax = 1000;

function seenIn(run: DryRun, { expect: expected }: TriggerTest): string {
  if (run.failure !== null) return `fails: ${run.failure}`;
  if (!run.fires) {
    const { decisive, why } = run;
    const part = decisive ? ` (${decisive.expression} is ${decisive.outcome})` : '';
    return `does not fire: ${why}${part}`;
  }
  if (expected.with === undefined) return 'fires';
  return `fires with ${JSON.stringify(run.action?.with)}`.slice(0, shownMax);
}
