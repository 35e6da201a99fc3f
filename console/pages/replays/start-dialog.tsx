import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { JSX } from 'react';
import { ConfirmWithPreview } from '../../parts/confirm-with-preview.tsx';
import { previewOf, unconfirmedMax } from '../replay/dry-run.ts';
import { whatWords, windowWords } from '../replay/replay-words.ts';
import { dryRun, startReplay, whatOf } from './request.ts';
import type { ReplayBody } from './request.ts';

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
        const what = `${whatWords(whatOf(request))}, ${windowWords(request.from, request.to)}.`;
        return previewOf(counted, [what]);
      }}
      run={async () => {
        const id = await startReplay(request, confirm);
        await navigate({ to: `/integrations/webhooks/replays/${id}` });
        return [{ id, isOk: true, text: 'started' }];
      }}
    />
  );
}
