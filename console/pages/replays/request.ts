import { useMemo } from 'react';
import type { paths } from '../../../src/client/schema.ts';
import { useSearchTexts } from '../../address.ts';
import type { Search } from '../../address.ts';
import { answerOf, api } from '../../api/client.ts';
import type { DryRun } from '../replay/dry-run.ts';
import type { ReplayWhat } from '../replay/replay-words.ts';

/** What `POST /v1/replays` takes. */
export type ReplayBody = paths['/v1/replays']['post']['requestBody']['content']['application/json'];

export type Direction = ReplayBody['direction'];

/** Items per second while nothing is said, as in the API. */
export const usualRate = 20;

/** What one direction has and the other has not: taken out of the address when the direction changes. */
export const directionNames: readonly string[] = [
  'event_types',
  'state',
  'endpoint_id',
  'status_class',
  'target',
  'ignore_subscription',
  'ids',
  'source',
  'trigger_id',
  'revision',
];

/** Which way the form looks: out, unless the address says otherwise. */
export function directionOf({ direction }: Search): Direction {
  return direction === 'inbound' ? 'inbound' : 'outbound';
}

/** The form as the API takes it; undefined while there is no timeframe. */
export function useRequest(): ReplayBody | undefined {
  const search = useSearchTexts();
  return useMemo(() => toRequest(search), [search]);
}

function toRequest(search: Search): ReplayBody | undefined {
  const { from, to, event_types: types, rate } = search;
  if (from === undefined || to === undefined) return undefined;
  const eventTypes = (types ?? '').split(/[\s,]+/).filter((type) => type !== '');
  return {
    direction: directionOf(search),
    from,
    to,
    ...(eventTypes.length > 0 && { event_types: eventTypes }),
    ...asItIs(search),
    ...toTarget(search),
    rate: rate === undefined ? usualRate : Number(rate),
  };
}

const namesAsTheyAre = [
  'endpoint_id',
  'trigger_id',
  'state',
  'status_class',
  'filter',
  'source',
  'ids',
  'revision',
] as const satisfies readonly (keyof ReplayBody)[];

/** Whatever the address says: the server refuses what it does not know, and leaving it out would replay more. */
function asItIs(search: Search): Pick<ReplayBody, (typeof namesAsTheyAre)[number]> {
  return Object.fromEntries(
    namesAsTheyAre.flatMap((name) => (search[name] === undefined ? [] : [[name, search[name]]])),
  );
}

function toTarget({ target, ignore_subscription: ignores }: Search): Pick<ReplayBody, 'target'> {
  if (target === undefined) return {};
  const ignoring = ignores === undefined ? {} : { ignore_subscription: true };
  return { target: { kind: 'endpoint', endpoint_id: target, ...ignoring } };
}

/**
 * Count what a replay would start again; nothing is started.
 *
 * @throws ApiProblem
 */
export async function dryRun(body: ReplayBody, signal?: AbortSignal): Promise<DryRun> {
  const answer = await post({ ...body, dry_run: true }, signal);
  if ('sample' in answer) return answer;
  throw new Error('The server started what it was asked to count');
}

/**
 * Start a replay.
 *
 * @param confirm - what the dry run said to confirm: the server holds to it
 * @returns the replay's id
 * @throws ApiProblem `confirm-needed` when it is another number by now
 */
export async function startReplay(body: ReplayBody, confirm: number): Promise<string> {
  const answer = await post({ ...body, confirm });
  if ('id' in answer) return answer.id;
  throw new Error('The server counted what it was asked to start');
}

/** In the form of a replay that exists, for its words. */
export function whatOf(body: ReplayBody): ReplayWhat {
  const target = body.target?.kind === 'endpoint' ? body.target.endpoint_id : null;
  return {
    filter: filterOf(body),
    target_endpoint_id: target,
    ids: body.ids ?? (target === null ? 'keep' : 'new'),
    revision: body.revision ?? 'as_then',
  };
}

function filterOf(body: ReplayBody): ReplayWhat['filter'] {
  return {
    direction: body.direction,
    from: body.from,
    to: body.to,
    event_types: body.event_types ?? null,
    endpoint_id: body.endpoint_id ?? null,
    state: body.state === 'all' ? null : (body.state ?? null),
    source: body.source ?? null,
    trigger_id: body.trigger_id ?? null,
    replay_id: null,
    status_class: body.status_class ?? null,
    filter: body.filter ?? null,
    subscription: null,
  };
}

async function post(body: ReplayBody, signal?: AbortSignal) {
  return answerOf(api.POST('/v1/replays', { body, ...(signal && { signal }) }));
}
