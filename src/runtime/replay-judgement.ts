import { setImmediate } from 'node:timers/promises';
import type { Knex } from 'knex';
import type { ReplayFilter } from '../domain/replay.ts';
import type { TriggerScope } from '../domain/trigger.ts';
import { eventGone, listEventSizes, payloadGone } from '../store/replay-events.ts';
import type { EventSize } from '../store/replay-events.ts';
import type { EventRow } from '../store/tables.ts';
import { listWholeEvents } from '../store/whole-events.ts';
import { endpointScopeOfRow, endpointVariables } from './endpoint-expressions.ts';
import { compileCondition, ExpressionError } from './expression.ts';
import { placedError } from './trigger-expressions.ts';
import { scopeOf } from './trigger-scope.ts';

/** What the expressions of a replay say of an event; a failure = one of them has no value for it. */
export type Verdict = 'match' | 'other' | { readonly failure: string };

export type Judge = (event: EventRow) => Verdict;

/** Events that are in memory at once: this many, and together this large, but for a single larger one. */
const eventsAtOnce = 200;
const bytesAtOnce = 8_388_608;

/** The dearest expressions take some 150 ms: whoever waits for a batch is told of it before long. */
const batchMaxMs = 2000;

/**
 * The condition of a replay's filter. Of outbound events it sees what the filter of an endpoint does:
 * `data` too.
 *
 * @throws ExpressionError with its offset
 */
export function compileReplayFilter(
  source: string,
  direction: ReplayFilter['direction'],
): (scope: TriggerScope) => boolean {
  return direction === 'inbound'
    ? compileCondition(source)
    : compileCondition(source, endpointVariables);
}

/**
 * What decides about an event beside its row: the replay's own expression, then that of the endpoint
 * that it sends to.
 *
 * @returns undefined when there is no expression: everything matches
 * @throws ExpressionError with its offset, when one does not compile
 */
export function makeJudge({
  direction,
  expression,
  subscription,
}: Pick<ReplayFilter, 'direction' | 'expression' | 'subscription'>): Judge | undefined {
  const conditions = [
    { path: 'filter', source: expression },
    { path: "the endpoint's filter", source: subscription?.expression ?? null },
  ].flatMap(({ path, source }) =>
    source === null ? [] : [{ path, source, isTrue: compileReplayFilter(source, direction) }],
  );
  if (conditions.length === 0) return undefined;
  return (event) => {
    if (event.payload_dropped_at !== null) return { failure: payloadGone };
    const scope =
      direction === 'inbound'
        ? scopeOf(event, { attempt: 1, isReplay: true })
        : endpointScopeOfRow(event);
    for (const { path, source, isTrue } of conditions) {
      try {
        if (!isTrue(scope)) return 'other';
      } catch (error) {
        if (!(error instanceof ExpressionError)) throw error;
        return { failure: placedError({ path, source }, error.message, error.offset).message };
      }
    }
    return 'match';
  };
}

/**
 * Judge the first of some items: as many as may be in memory at once and take two seconds, and at
 * least one. Other work of the process goes on between two events.
 *
 * @returns their verdicts, in order
 */
export async function judgeFirst(
  db: Knex,
  judge: Judge,
  items: readonly { readonly eventId: string }[],
): Promise<Verdict[]> {
  const asked = items.slice(0, eventsAtOnce).map(({ eventId }) => eventId);
  const sizes = await listEventSizes(db, [...new Set(asked)]);
  const taken = fitting(asked, new Map(sizes.map((size) => [size.id, size])));
  const events = new Map(
    (await listWholeEvents(db, taken.sizes)).map((event) => [event.id, event]),
  );
  const endsAt = performance.now() + batchMaxMs;
  const verdicts: Verdict[] = [];
  for (const id of asked.slice(0, taken.count)) {
    if (verdicts.length > 0 && performance.now() > endsAt) break;
    const event = events.get(id);
    verdicts.push(event ? judge(event) : { failure: eventGone });
    await setImmediate();
  }
  return verdicts;
}

/** How many of the first events may be read at once, and which those are. */
function fitting(
  ids: readonly string[],
  sizes: ReadonlyMap<string, EventSize>,
): { count: number; sizes: EventSize[] } {
  const taken = new Map<string, EventSize>();
  let bytes = 0;
  for (const [count, id] of ids.entries()) {
    const size = sizes.get(id);
    if (!size || taken.has(id)) continue;
    bytes += size.body_bytes;
    if (bytes > bytesAtOnce && taken.size > 0) return { count, sizes: [...taken.values()] };
    taken.set(id, size);
  }
  return { count: ids.length, sizes: [...taken.values()] };
}
