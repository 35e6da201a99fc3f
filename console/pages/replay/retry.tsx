import { Button } from '@mantine/core';
import { useState } from 'react';
import type { JSX } from 'react';
import { answerOf, api } from '../../api/client.ts';
import { ConfirmWithPreview } from '../../parts/confirm-with-preview.tsx';
import { Icon } from '../../parts/icon.tsx';
import { previewOf, unconfirmedMax } from './dry-run.ts';
import { countWords, diedOf } from './replay-words.ts';
import type { Replay } from './replay-words.ts';

interface RetryProps {
  readonly replay: Replay;
  /** What failed is tried again by another replay. */
  readonly onRetried: (made: Replay) => void;
}

/** Makes another replay of what failed in one: what it would start is shown before. */
export function Retry({ replay, onRetried }: RetryProps): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  const [confirm, setConfirm] = useState(0);
  const { id } = replay;
  return (
    <>
      <Button
        size="xs"
        leftSection={<Icon name="refresh" size={14} />}
        onClick={() => setOpen(true)}
      >
        Retry the failures of this replay
      </Button>
      <ConfirmWithPreview
        isOpen={isOpen}
        onClose={() => setOpen(false)}
        title="Retry the failures of this replay"
        confirmLabel="Retry"
        asksCount={confirm > unconfirmedMax}
        preview={async () => {
          const counted = await post(id, { dry_run: true });
          if (!('sample' in counted)) throw new Error('The server started what it was to count');
          setConfirm(counted.confirm);
          return previewOf(counted, aboutOf(replay));
        }}
        run={async () => {
          const made = await post(id, { confirm });
          if (!('id' in made)) throw new Error('The server counted what it was to start');
          onRetried(made);
          setOpen(false);
          return [{ id: made.id, isOk: true, text: 'started' }];
        }}
      />
    </>
  );
}

async function post(id: string, body: { dry_run: true } | { confirm: number }) {
  const path = '/v1/replays/{id}/retry-failures';
  return answerOf(api.POST(path, { params: { path: { id } }, body }));
}

function aboutOf(replay: Replay): string[] {
  const [failed, died] = [replay.failed, diedOf(replay)].map(countWords);
  return [
    `This replay could not start ${failed}, and ${died} that it started have failed since.`,
    'What is under way, was redriven by somebody else or was retried before is left out.',
    'A new delivery that is dead goes on under its own webhook-id.',
  ];
}
