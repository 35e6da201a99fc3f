import { answerOf, api } from '../../api/client.ts';
import { makeBulk } from '../../parts/bulk.ts';
import type { Bulk, BulkCall, Target } from '../../parts/bulk.ts';
import { reasonWords } from '../../parts/reason-words.ts';
import { givenReason } from '../../parts/why-field.tsx';
import type { Answers } from '../../../src/client/index.ts';

export type Verb = 'redrive' | 'discard';

/** One action on many dead letters. */
export function makeSettling(verb: Verb, target: Target): Bulk {
  return makeBulk(
    {
      doneWord: verb === 'redrive' ? 'redriven' : 'discarded',
      look: askPreview,
      change: (call, reason) => settle(verb, { ...call, reason }),
      itemOf: (letter) => ({ id: letter.id, text: wordsOf(letter) }),
    },
    target,
  );
}

/** The same for both ways: the dry run of a discard would ask for the reason that is asked for after it. */
async function askPreview(call: BulkCall): Promise<Answers['DeadLetterPreview']> {
  const answer = await answerOf(
    api.POST('/v1/dead-letters/redrive', { body: { ...call, dry_run: true } }),
  );
  if ('sample' in answer) return answer;
  throw new Error('The server settled what it was asked to count');
}

async function settle(
  verb: Verb,
  { reason, ...call }: BulkCall & { readonly reason: string },
): Promise<Answers['Redrive'] | Answers['Discard']> {
  const answer =
    verb === 'redrive'
      ? await answerOf(
          api.POST('/v1/dead-letters/redrive', { body: { ...call, ...givenReason(reason) } }),
        )
      : await answerOf(api.POST('/v1/dead-letters/discard', { body: { ...call, reason } }));
  if ('results' in answer) return answer;
  throw new Error('The server counted what it was asked to settle');
}

function wordsOf({
  endpoint_url: url,
  trigger,
  event_type: type,
  reason,
}: Answers['DeadLetter']): string {
  return `${type} → ${(url ?? trigger ?? 'a deleted endpoint').slice(0, 48)}: ${reasonWords(reason)}`;
}
