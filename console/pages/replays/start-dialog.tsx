import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { JSX } from 'react';
import { ConfirmWithPreview } from '../../parts/confirm-with-preview.tsx';
import { durationWords } from '../../parts/time-words.ts';
import { visibleLine } from '../../parts/visible-text.ts';
import { filterWords, windowWords } from '../replay/replay-words.ts';
import { dryRun, filterOf, startReplay, unconfirmedMax } from './request.ts';
import type { DryRun, ReplayBody } from './request.ts';

/** Shows once more what is started again, asks, starts it and goes to its page. */
export function StartDialog(props: { request: ReplayBody; onClose: () => void }): JSX.Element {
  const { request, onClose } = props;
  const [planned, setPlanned] = useState(0);
  const navigate = useNavigate();
  return (
    <ConfirmWithPreview
      isOpen
      onClose={onClose}
      title="Start the replay"
      confirmLabel="Replay"
      asksCount={planned > unconfirmedMax}
      preview={async () => {
        const counted = await dryRun(request);
        setPlanned(counted.planned);
        const { sample } = counted;
        const items = sample.map((row) => ({ id: row.id, text: sampleWords(row) }));
        return { count: counted.planned, items, note: noteOf(request, counted) };
      }}
      run={async () => {
        const id = await startReplay(request, planned);
        await navigate({ to: `/integrations/webhooks/replays/${id}` });
        return [{ id, isOk: true, text: 'started' }];
      }}
    />
  );
}

function noteOf(request: ReplayBody, { estimated_s: seconds }: DryRun): string {
  const what = `${filterWords(filterOf(request))}, ${windowWords(request.from, request.to)}.`;
  const effect =
    request.direction === 'outbound'
      ? 'Each is sent again in a new cycle, with the same webhook-id: a consumer that had it gets it a second time.'
      : 'Each runs its action again in a new cycle: what an automation did, it does a second time.';
  return `${what} ${effect} It takes about ${durationWords(seconds * 1000)}, and can be paused and cancelled.`;
}

function sampleWords({ event_type: type, state, trigger }: DryRun['sample'][number]): string {
  const by = trigger === null ? '' : ` by ${visibleLine(trigger)}`;
  return `${visibleLine(type)}${by}, ${visibleLine(state)}`;
}
