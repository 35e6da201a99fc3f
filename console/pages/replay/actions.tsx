import { Button, Text } from '@mantine/core';
import { useState } from 'react';
import type { JSX } from 'react';
import { useChange } from '../../api/change.ts';
import { answerOf, api } from '../../api/client.ts';
import { ConfirmOne } from '../../parts/confirm.tsx';
import { onFirstClick } from '../../parts/first-click.ts';
import { Icon } from '../../parts/icon.tsx';
import { countWords, diedOf, hasEnded, leftOf } from './replay-words.ts';
import type { Replay } from './replay-words.ts';
import { Retry } from './retry.tsx';

const paths = {
  pause: '/v1/replays/{id}/pause',
  resume: '/v1/replays/{id}/resume',
  cancel: '/v1/replays/{id}/cancel',
} as const;

async function move(name: keyof typeof paths, id: string): Promise<Replay> {
  return answerOf(api.POST(paths[name], { params: { path: { id } } }));
}

export interface ActionsProps {
  readonly replay: Replay;
  /** What failed is tried again by another replay. */
  readonly onRetried: (made: Replay) => void;
}

/** What can be done to a replay in its state. */
export function Actions({ replay, onRetried }: ActionsProps): JSX.Element {
  if (!hasEnded(replay)) {
    return (
      <>
        <PauseOrResume replay={replay} />
        <Cancel replay={replay} />
      </>
    );
  }
  const hasFailures = replay.failed + diedOf(replay) > 0;
  return hasFailures ? <Retry replay={replay} onRetried={onRetried} /> : <></>;
}

/** Not asked for: the one takes the other back, and neither loses anything. */
function PauseOrResume({ replay: { id, state } }: { replay: Replay }): JSX.Element {
  const isPaused = state === 'paused';
  const moving = useChange(
    () => move(isPaused ? 'resume' : 'pause', id),
    (moved) => (moved.state === 'paused' ? 'Paused: nothing more is started' : 'It goes on'),
  );
  return (
    <Button
      size="xs"
      variant={isPaused ? 'filled' : 'default'}
      leftSection={<Icon name={isPaused ? 'play' : 'pause'} size={14} />}
      loading={moving.isPending}
      onClick={onFirstClick(() => moving.mutate(undefined))}
    >
      {isPaused ? 'Resume' : 'Pause'}
    </Button>
  );
}

function Cancel({ replay }: { replay: Replay }): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  const { id, done } = replay;
  return (
    <>
      <Button
        size="xs"
        variant="default"
        leftSection={<Icon name="stop" size={14} />}
        onClick={() => setOpen(true)}
      >
        Cancel the replay
      </Button>
      <ConfirmOne
        isOpen={isOpen}
        onClose={() => setOpen(false)}
        title="Cancel the replay"
        confirmLabel="Cancel the replay"
        dismissLabel="Let it go on"
        isDanger
        run={() => move('cancel', id)}
      >
        <Text size="sm">
          What was started again stays started: {countWords(done)} by now. They go on by themselves
          and end as they would have.
        </Text>
        <Text size="sm">
          The other {countWords(leftOf(replay))} are not started and stay as they are. A cancelled
          replay can’t be resumed: start another one for the rest, or pause this one instead.
        </Text>
      </ConfirmOne>
    </>
  );
}
