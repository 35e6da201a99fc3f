import { problemOf } from '../api/problem.ts';
import type { Query } from '../api/read.ts';
import type { ItemResult } from './confirm-results.tsx';
import type { Preview } from './confirm-with-preview.tsx';
import { visibleText } from './visible-text.ts';

/** A filter of the API, by its names. */
export type Filter = Readonly<Record<string, string>>;

/** Which rows are meant: those that were ticked, or everything that a filter matches. */
export type Target = { readonly ids: readonly string[] } | { readonly filter: Filter };

/** Of what a list asks, what is given. */
export function filterOf(query: Query): Filter {
  return Object.fromEntries(
    Object.entries(query).flatMap(([name, value]): [string, string][] =>
      value === undefined ? [] : [[name, value]],
    ),
  );
}

/** What one call is about. */
export type BulkCall =
  | { readonly ids: string[] }
  | { readonly filter: Filter; readonly cursor?: string; readonly confirm?: number };

/** What the API answers to one call. */
export interface BulkAnswer {
  readonly next_cursor: string | null;
  readonly results: readonly {
    readonly id: string;
    readonly state: string;
    readonly reason?: string;
  }[];
}

export interface BulkParts<S> {
  /** As "redriven": of those done before a call failed. */
  readonly doneWord: string;
  /** A dry run. */
  readonly look: (
    call: BulkCall,
  ) => Promise<{ readonly matched: number; readonly sample: readonly S[] }>;
  readonly change: (call: BulkCall, reason: string) => Promise<BulkAnswer>;
  readonly itemOf: (sample: S) => Preview['items'][number];
}

/** One action on many things, from its preview to the last call: for `ConfirmWithPreview`. */
export interface Bulk {
  readonly preview: () => Promise<Preview>;
  /**
   * Changes them, up to 1,000 in a call.
   *
   * @throws ApiProblem `confirm-needed` when a filter matches another number than was previewed
   * @throws Error that says how far it came; called again, it goes on from there
   */
  readonly run: (
    reason: string,
    onProgress: (done: number, total: number) => void,
  ) => Promise<readonly ItemResult[]>;
}

/** The API changes at most so many in one call. More are typed before. */
const callMax = 1000;

/** Whether their count must be typed before. */
export function needsCount(count: number): boolean {
  return count > callMax;
}

export function makeBulk<S>(
  { doneWord, look, change, itemOf }: BulkParts<S>,
  target: Target,
): Bulk {
  const results: ItemResult[] = [];
  let count = 0;
  let calls = callsOf(target);
  return {
    async preview() {
      const previews = await Promise.all(callsOf(target).map((call) => look(call)));
      count = previews.reduce((sum, { matched }) => sum + matched, 0);
      return { count, items: previews.flatMap(({ sample }) => sample).map(itemOf) };
    },
    async run(reason, onProgress) {
      for (let call = calls[0]; call !== undefined; call = calls[0]) {
        onProgress(results.length, count);
        // With it the API refuses what has changed since it was shown.
        const confirmed = 'filter' in call ? { ...call, confirm: count } : call;
        const answer = await change(confirmed, reason).catch((error: unknown) => {
          throw results.length === 0 ? error : interrupted(error, doneWord, results.length);
        });
        results.push(...answer.results.map(toItem));
        calls =
          'filter' in call && answer.next_cursor !== null
            ? [{ ...call, cursor: answer.next_cursor }]
            : calls.slice(1);
      }
      return results;
    },
  };
}

function callsOf(target: Target): readonly BulkCall[] {
  if ('filter' in target) return [{ filter: target.filter }];
  const count = Math.ceil(target.ids.length / callMax);
  return Array.from({ length: count }, (_, index) => ({
    ids: target.ids.slice(index * callMax, (index + 1) * callMax),
  }));
}

function interrupted(error: unknown, doneWord: string, done: number): Error {
  const { title, detail } = problemOf(error).said;
  return new Error(
    `${done.toLocaleString('en')} were ${doneWord} before this: ${title}, ${visibleText(detail)}. Confirm again to go on`,
  );
}

function toItem({ id, state, reason }: BulkAnswer['results'][number]): ItemResult {
  return { id, isOk: state !== 'refused', text: reason ?? state };
}
