import type { Answers } from '../../../src/client/index.ts';
import type { Preview } from '../../parts/confirm-with-preview.tsx';
import { durationWords } from '../../parts/time-words.ts';
import { visibleLine } from '../../parts/visible-text.ts';
import { countWords } from './replay-words.ts';

/** What a dry run of a replay answers. */
export type DryRun = Answers['ReplayPreview'];

/** Of more than this the count must be typed. */
export const unconfirmedMax = 1000;

/** What a dry run counted, for the dialog that asks whether to start it. @param about - what it is, in sentences */
export function previewOf(counted: DryRun, about: readonly string[]): Preview {
  const { planned: count, planned_is_estimate: isEstimate, sample } = counted;
  const items = sample.map((row) => ({ id: row.id, text: sampleWords(row) }));
  return { count, isEstimate, items, note: [...about, ...wordsOf(counted)].join(' ') };
}

function wordsOf({ planned_is_estimate: isEstimate, ...counted }: DryRun): string[] {
  return [
    `${visibleLine(counted.will)}.`,
    ...(isEstimate
      ? [`The number is an estimate: each of ${countWords(counted.confirm)} is asked in its turn.`]
      : []),
    `It takes about ${durationWords(counted.estimated_s * 1000)}, and can be paused and cancelled.`,
  ];
}

function sampleWords({ event_type: type, state, trigger }: DryRun['sample'][number]): string {
  const by = trigger === null ? '' : ` by ${visibleLine(trigger)}`;
  const stand = state === 'recorded' ? '' : `, ${visibleLine(state)}`; // An event has no state.
  return `${visibleLine(type)}${by}${stand}`;
}
