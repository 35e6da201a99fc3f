import { answerOf, api } from '../../api/client.ts';
import { problemOf } from '../../api/problem.ts';
import type { ItemResult } from '../../parts/confirm-results.tsx';
import { reasonWords } from '../../parts/reason-words.ts';
import type { Preview } from '../../parts/confirm-with-preview.tsx';
import type { Answers } from '../../../src/client/index.ts';

export type Verb = 'redrive' | 'discard';

/** The filter of the API, by its names. */
export type Filter = Readonly<Record<string, string>>;

/** Which dead letters are meant: rows that were ticked, or everything that a filter matches. */
export type Target = { readonly ids: readonly string[] } | { readonly filter: Filter };

/** The API settles at most so many in one call. More are typed before. */
const callMax = 1000;

/** Whether their count must be typed before. */
export function needsCount(count: number): boolean {
  return count > callMax;
}

/** One action on many dead letters, from its preview to the last call. */
export interface Settling {
  readonly preview: () => Promise<Preview>;
  /**
   * Settles them, up to 1,000 in a call.
   *
   * @throws ApiProblem `confirm-needed` when a filter matches another number than was previewed
   * @throws Error that says how far it came; called again, it goes on from there
   */
  readonly run: (
    reason: string,
    onProgress: (done: number, total: number) => void,
  ) => Promise<readonly ItemResult[]>;
}

export function makeSettling(verb: Verb, target: Target): Settling {
  const results: ItemResult[] = [];
  let count = 0;
  let calls = callsOf(target);
  return {
    async preview() {
      const previews = await Promise.all(callsOf(target).map((call) => askPreview(call)));
      count = previews.reduce((sum, { matched }) => sum + matched, 0);
      const items = previews.flatMap(({ sample }) => sample);
      return { count, items: items.map((letter) => ({ id: letter.id, text: wordsOf(letter) })) };
    },
    async run(reason, onProgress) {
      for (let call = calls[0]; call !== undefined; call = calls[0]) {
        onProgress(results.length, count);
        // With it the API refuses what has changed since it was shown.
        const confirm = 'filter' in call ? { confirm: count } : {};
        const answer = await settle(verb, { ...call, ...confirm, reason }).catch(
          (error: unknown) => {
            throw results.length === 0 ? error : interrupted(error, { verb, done: results.length });
          },
        );
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

type Call = { readonly ids: string[] } | { readonly filter: Filter; readonly cursor?: string };

function callsOf(target: Target): readonly Call[] {
  if ('filter' in target) return [{ filter: target.filter }];
  const count = Math.ceil(target.ids.length / callMax);
  return Array.from({ length: count }, (_, index) => ({
    ids: target.ids.slice(index * callMax, (index + 1) * callMax),
  }));
}

/** The same for both ways: the dry run of a discard would ask for the reason that is asked for after it. */
async function askPreview(call: Call): Promise<Answers['DeadLetterPreview']> {
  const answer = await answerOf(
    api.POST('/v1/dead-letters/redrive', { body: { ...call, dry_run: true } }),
  );
  if ('sample' in answer) return answer;
  throw new Error('The server settled what it was asked to count');
}

async function settle(
  verb: Verb,
  { reason, ...call }: Call & { readonly confirm?: number; readonly reason: string },
): Promise<Answers['Redrive'] | Answers['Discard']> {
  const answer =
    verb === 'redrive'
      ? await answerOf(api.POST('/v1/dead-letters/redrive', { body: call }))
      : await answerOf(api.POST('/v1/dead-letters/discard', { body: { ...call, reason } }));
  if ('results' in answer) return answer;
  throw new Error('The server counted what it was asked to settle');
}

function interrupted(error: unknown, { verb, done }: { verb: Verb; done: number }): Error {
  const { title, detail } = problemOf(error).said;
  const words = verb === 'redrive' ? 'redriven' : 'discarded';
  return new Error(
    `${done.toLocaleString('en')} were ${words} before this: ${title}, ${detail}. Confirm again to go on`,
  );
}

function toItem({
  id,
  state,
  reason,
}: Answers['Redrive' | 'Discard']['results'][number]): ItemResult {
  return { id, isOk: state !== 'refused', text: reason ?? state };
}

function wordsOf({
  endpoint_url: url,
  trigger,
  event_type: type,
  reason,
}: Answers['DeadLetter']): string {
  return `${type} → ${(url ?? trigger ?? 'a deleted endpoint').slice(0, 48)}: ${reasonWords(reason)}`;
}
