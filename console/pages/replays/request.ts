import { useMemo } from 'react';
import type { Answers } from '../../../src/client/index.ts';
import type { paths } from '../../../src/client/schema.ts';
import { useSearchTexts } from '../../address.ts';
import type { Search } from '../../address.ts';
import { answerOf, api } from '../../api/client.ts';
import type { ReplayFilter } from '../replay/replay-words.ts';

/** What `POST /v1/replays` takes. */
export type ReplayBody = paths['/v1/replays']['post']['requestBody']['content']['application/json'];

/** What a dry run answers. */
export type DryRun = Answers['ReplayPreview'];

export type Direction = ReplayBody['direction'];

/** Of more than this the count must be typed. */
export const unconfirmedMax = 1000;

/** Items per second while nothing is said, as in the API. */
export const usualRate = 20;

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
  const { from, to, event_types: types, endpoint_id, trigger_id, state, source, rate } = search;
  if (from === undefined || to === undefined) return undefined;
  const eventTypes = (types ?? '').split(/[\s,]+/).filter((type) => type !== '');
  return {
    direction: directionOf(search),
    from,
    to,
    ...(eventTypes.length > 0 && { event_types: eventTypes }),
    ...(endpoint_id !== undefined && { endpoint_id }),
    ...(trigger_id !== undefined && { trigger_id }),
    // Whatever the address says: the server refuses what it does not know, and leaving it out would replay more.
    ...(state !== undefined && { state: state as NonNullable<ReplayBody['state']> }),
    ...(source !== undefined && { source: source as NonNullable<ReplayBody['source']> }),
    rate: rate === undefined ? usualRate : Number(rate),
  };
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
 * @param planned - what was shown and confirmed: the server holds to it
 * @returns the replay's id
 * @throws ApiProblem `confirm-needed` when it is another number by now
 */
export async function startReplay(body: ReplayBody, planned: number): Promise<string> {
  const answer = await post({ ...body, confirm: planned });
  if ('id' in answer) return answer.id;
  throw new Error('The server counted what it was asked to start');
}

/** The filter in the form of a replay that exists, for its words. */
export function filterOf(body: ReplayBody): ReplayFilter {
  return {
    direction: body.direction,
    from: body.from,
    to: body.to,
    event_types: body.event_types ?? null,
    endpoint_id: body.endpoint_id ?? null,
    state: body.state ?? null,
    source: body.source ?? null,
    trigger_id: body.trigger_id ?? null,
    replay_id: null,
  };
}

async function post(body: ReplayBody, signal?: AbortSignal) {
  return answerOf(api.POST('/v1/replays', { body, ...(signal && { signal }) }));
}
