import { answerOf, api } from '../../api/client.ts';
import { makeBulk } from '../../parts/bulk.ts';
import type { Bulk, BulkAnswer, BulkCall, Target } from '../../parts/bulk.ts';
import { outcomeWords } from '../../parts/reason-words.ts';
import { visibleLine } from '../../parts/visible-text.ts';
import { givenReason } from '../../parts/why-field.tsx';
import type { Answers } from '../../../src/client/index.ts';

export type Move = 'attempt-now' | 'hold' | 'cancel' | 'redrive';

type Delivery = Answers['Delivery'];

export interface MoveWords {
  readonly label: string;
  readonly title: string;
  readonly done: string;
  readonly note: string;
  /** States that it is possible from; the API answers 422 for a filter of another. */
  readonly states: readonly Delivery['state'][];
}

const waiting = ['pending', 'retrying', 'parked'] as const;

/** What can be done to many deliveries at once. */
export const moves: Readonly<Record<Move, MoveWords>> = {
  'attempt-now': {
    label: 'Attempt now',
    title: 'Attempt deliveries now',
    done: 'attempted now',
    note: 'The next attempt of each is made at once, in place of its wait. What is held back by a person or an outage is released; what waits for a paused endpoint or for another of its key is not touched.',
    states: waiting,
  },
  hold: {
    label: 'Hold',
    title: 'Hold deliveries back',
    done: 'held',
    note: 'Nothing more is sent of them until they are released. No attempt is used up.',
    states: ['pending', 'retrying'],
  },
  cancel: {
    label: 'Cancel',
    title: 'Cancel deliveries',
    done: 'cancelled',
    note: 'They end, and nothing more is sent of them. A redrive can send them again.',
    states: waiting,
  },
  redrive: {
    label: 'Redrive',
    title: 'Redrive deliveries',
    done: 'redriven',
    note: 'Each gets a fresh cycle: an attempt at once, then the waits of its endpoint, with the same webhook-id. What was delivered before comes a second time.',
    states: ['delivered', 'dead', 'parked', 'cancelled', 'skipped'],
  },
};

/** Whether it is asked why: of what keeps deliveries from being sent. */
export function needsReason(move: Move): boolean {
  return move === 'hold' || move === 'cancel';
}

/** One move of many deliveries. */
export function makeSteering(move: Move, target: Target): Bulk {
  return makeBulk<Delivery>(
    {
      doneWord: moves[move].done,
      look: (call) => look(move, call),
      change: (call, reason) => change(move, { ...call, ...givenReason(reason) }),
      itemOf: (delivery) => ({ id: delivery.id, text: wordsOf(delivery) }),
    },
    target,
  );
}

async function look(move: Move, call: BulkCall): Promise<Answers['DeliveryPreview']> {
  const answer = await post(move, { ...call, dry_run: true });
  if ('sample' in answer) return answer;
  throw new Error('The server changed what it was asked to count');
}

async function change(move: Move, body: object): Promise<BulkAnswer> {
  const answer = await post(move, body);
  if ('results' in answer) return answer;
  throw new Error('The server counted what it was asked to change');
}

type Answer = Answers['DeliveryPreview'] | BulkAnswer;

async function post(move: Move, body: object): Promise<Answer> {
  // The client's types follow one path at a time. The list has asked with this filter, so the API knows it.
  const call = api.POST as unknown as (
    path: `/v1/deliveries/${Move}`,
    init: { readonly body: object },
  ) => Promise<{ data?: Answer; error?: unknown; response: Response }>;
  return answerOf(call(`/v1/deliveries/${move}`, { body }));
}

function wordsOf({
  event_type: type,
  state,
  last_status: status,
  last_reason: reason,
}: Delivery): string {
  const last = reason === null ? '' : `: ${outcomeWords(status, reason)}`;
  return `${visibleLine(type)}, ${state}${last}`;
}
