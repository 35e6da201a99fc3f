import { answerOf, api } from '../../api/client.ts';
import { problemOf } from '../../api/problem.ts';
import { read } from '../../api/read.ts';
import type { Query } from '../../api/read.ts';
import type { ItemResult } from '../../parts/confirm-results.tsx';
import { visibleText } from '../../parts/visible-text.ts';
import type { Answers } from '../../../src/client/index.ts';

type BulkFilter = Partial<
  Pick<Answers['RejectedRequest'], 'integration_id' | 'channel' | 'reason'> & {
    readonly from: string;
    readonly to: string;
  }
>;

/** What came of releasing all that match, so far. */
export interface BulkProgress {
  readonly matched: number;
  readonly accepted: number;
  readonly duplicate: number;
  readonly refused: readonly { readonly id: string; readonly reason: string }[];
}

const nothingYet: BulkProgress = { matched: 0, accepted: 0, duplicate: 0, refused: [] };

/** The largest page that the API gives. */
const sampleMax = 200;

/** The newest of those that a release of all that match would try. */
export async function sampleOf(
  filters: Query,
): Promise<{ rows: readonly Answers['RejectedRequest'][]; hasMore: boolean }> {
  const query = { ...filters, state: 'kept', limit: String(sampleMax) };
  const { data, next_cursor: next } = await read('/v1/rejected-requests', { query });
  return { rows: data, hasMore: next !== null };
}

/**
 * Release all that match, in calls of at most 500.
 *
 * @param signal - aborted: the call that runs is the last one
 * @throws ApiProblem; what the calls before did stays, and `onProgress` has told it
 */
export async function releaseMatching(
  filters: Query,
  isTimeIgnored: boolean,
  options: { signal: AbortSignal; onProgress: (progress: BulkProgress) => void },
): Promise<BulkProgress> {
  const filter = toBulkFilter(filters);
  let progress = nothingYet;
  let cursor: string | undefined;
  do {
    const { matched, accepted, duplicate, refused, next_cursor } = await answerOf(
      api.POST('/v1/rejected-requests/release', {
        body: { filter, ignore_time: isTimeIgnored, ...(cursor !== undefined && { cursor }) },
      }),
    );
    progress = {
      matched: progress.matched + matched,
      accepted: progress.accepted + accepted,
      duplicate: progress.duplicate + duplicate,
      refused: [...progress.refused, ...refused],
    };
    options.onProgress(progress);
    cursor = next_cursor ?? undefined;
  } while (cursor !== undefined && !options.signal.aborted);
  return progress;
}

/** The same filters as the list's, but its state: only kept ones are released. */
function toBulkFilter({ integration_id, channel, reason, from, to }: Query): BulkFilter {
  const named = Object.entries({ integration_id, channel, reason, from, to });
  // The list has asked with these texts, so the API knows them; and it refuses what it does not.
  return Object.fromEntries(named.filter(([, value]) => value !== undefined)) as BulkFilter;
}

/** Release one. */
export async function releaseOne(
  id: string,
  isTimeIgnored: boolean,
): Promise<Answers['ReleasedRequest']> {
  return answerOf(
    api.POST('/v1/rejected-requests/{id}/release', {
      params: { path: { id } },
      body: { ignore_time: isTimeIgnored },
    }),
  );
}

/** Release some by their ids, one after the other, oldest first as they were sent. */
export async function releaseEach(
  ids: readonly string[],
  isTimeIgnored: boolean,
  onProgress: (done: number, total: number) => void,
): Promise<ItemResult[]> {
  const results: ItemResult[] = [];
  for (const id of ids.toSorted()) {
    onProgress(results.length, ids.length);
    results.push(await tryRelease(id, isTimeIgnored));
  }
  return results;
}

async function tryRelease(id: string, isTimeIgnored: boolean): Promise<ItemResult> {
  try {
    const { status, event_id: eventId } = await releaseOne(id, isTimeIgnored);
    const text = status === 'accepted' ? `is the event ${eventId}` : `was taken before: ${eventId}`;
    return { id, isOk: true, text };
  } catch (error) {
    return { id, isOk: false, text: visibleText(problemOf(error).said.detail) };
  }
}
