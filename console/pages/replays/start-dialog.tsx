import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { JSX } from 'react';
import { ConfirmWithPreview } from '../../parts/confirm-with-preview.tsx';
import { durationWords } from '../../parts/time-words.ts';
import { visibleLine } from '../../parts/visible-text.ts';
import { countWords, whatWords, windowWords } from '../replay/replay-words.ts';
import { dryRun, startReplay, unconfirmedMax, whatOf } from './request.ts';
import type { DryRun, ReplayBody } from './request.ts';

/** Shows once more what is started again, asks, starts it and goes to its page. */
export function StartDialog(props: { request: ReplayBody; onClose: () => void }): JSX.Element {
  const { request, onClose } = props;
  const [confirm, setConfirm] = useState(0);
  const navigate = useNavigate();
  return (
    <ConfirmWithPreview
      isOpen
      onClose={onClose}
      title="Start the replay"
      confirmLabel="Replay"
      asksCount={confirm > unconfirmedMax}
      preview={async () => {
        const counted = await dryRun(request);
        setConfirm(counted.confirm);
        const { planned: count, planned_is_estimate: isEstimate, sample } = counted;
        const items = sample.map((row) => ({ id: row.id, text: sampleWords(row) }));
        return { count, isEstimate, items, note: noteOf(request, counted) };
      }}
      run={async () => {
        const id = await startReplay(request, confirm);
        await navigate({ to: `/integrations/webhooks/replays/${id}` });
        return [{ id, isOk: true, text: 'started' }];
      }}
    />
  );
}

function noteOf(request: ReplayBody, counted: DryRun): string {
  const { planned_is_estimate: isEstimate, estimated_s: seconds, will } = counted;
  return [
    `${whatWords(whatOf(request))}, ${windowWords(request.from, request.to)}.`,
    `${visibleLine(will)}.`,
    ...(isEstimate
      ? [`The number is an estimate: each of ${countWords(counted.confirm)} is asked in its turn.`]
      : []),
    `It takes about ${durationWords(seconds * 1000)}, and can be paused and cancelled.`,
  ].join(' ');
}

function sampleWords({ event_type: type, state, trigger }: DryRun['sample'][number]): string {
  const by = trigger === null ? '' : ` by ${visibleLine(trigger)}`;
  const stand = state === 'recorded' ? '' : `, ${visibleLine(state)}`; // An event has no state.
  return `${visibleLine(type)}${by}${stand}`;
}
