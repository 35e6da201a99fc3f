import { Button, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import type { JSX, ReactNode } from 'react';
import { answerOf, api } from '../../api/client.ts';
import { ConfirmOne } from '../../parts/confirm.tsx';
import { Icon } from '../../parts/icon.tsx';
import type { IconName } from '../../parts/icon.tsx';
import { deliveriesWords } from './endpoint.ts';
import type { Endpoint } from './endpoint.ts';

type Move = 'pause' | 'resume' | 'disable';

interface MoveWords {
  readonly label: string;
  readonly icon: IconName;
  readonly title: string;
  readonly what: ReactNode;
}

/** Pause, resume, enable, disable: each says what it does before. */
export function StateActions({ endpoint }: { endpoint: Endpoint }): JSX.Element {
  const [asked, setAsked] = useState<Move | null>(null);
  const moves = movesOf(endpoint);
  return (
    <>
      {moves.map((move) => {
        const { label, icon } = wordsOf(move, endpoint);
        return (
          <Button
            key={move}
            size="xs"
            variant="default"
            leftSection={<Icon name={icon} size={14} />}
            onClick={() => setAsked(move)}
          >
            {label}
          </Button>
        );
      })}
      {asked && <Confirm move={asked} endpoint={endpoint} onClose={() => setAsked(null)} />}
    </>
  );
}

function movesOf({ state }: Endpoint): readonly Move[] {
  switch (state) {
    case 'enabled':
      return ['pause', 'disable'];
    case 'paused':
      return ['resume', 'disable'];
    case 'disabled':
      return ['resume', 'pause'];
  }
}

function Confirm(props: { move: Move; endpoint: Endpoint; onClose: () => void }): JSX.Element {
  const { move, endpoint, onClose } = props;
  const { title, label, what } = wordsOf(move, endpoint);
  return (
    <ConfirmOne
      isOpen
      onClose={onClose}
      title={title}
      confirmLabel={label}
      isDanger={move === 'disable'}
      run={async () => {
        notifications.show({ message: await doIt(move, endpoint.id), color: 'green' });
      }}
    >
      <Text size="sm">{what}</Text>
    </ConfirmOne>
  );
}

function wordsOf(move: Move, { state, held }: Endpoint): MoveWords {
  const sends =
    held === 0 ? 'Nothing is held back.' : `It sends ${deliveriesWords(held)} held back.`;
  if (move === 'pause') {
    return {
      label: 'Pause',
      icon: 'pause',
      title: 'Pause the endpoint',
      what: 'From now on nothing is sent: new deliveries are held, and those under way are held before their next attempt. Nothing is lost: a resume sends them.',
    };
  }
  if (move === 'disable') {
    return {
      label: 'Disable',
      icon: 'stop',
      title: 'Disable the endpoint',
      what: 'New deliveries are recorded as skipped, those under way end as cancelled before their next attempt. Enabling it does not send them: a redrive or a replay does.',
    };
  }
  const isPaused = state === 'paused';
  return {
    label: isPaused ? 'Resume' : 'Enable',
    icon: 'play',
    title: isPaused ? 'Resume the endpoint' : 'Enable the endpoint',
    what: `New deliveries are sent again. ${sends}${isPaused ? '' : ' What was skipped meanwhile stays skipped.'}`,
  };
}

/** @returns what was done */
async function doIt(move: Move, id: string): Promise<string> {
  const params = { params: { path: { id } } };
  switch (move) {
    case 'pause':
      await answerOf(api.POST('/v1/endpoints/{id}/pause', params));
      return 'Paused: new deliveries are held';
    case 'disable':
      await answerOf(api.POST('/v1/endpoints/{id}/disable', params));
      return 'Disabled: nothing is sent';
    case 'resume': {
      const { resumed } = await answerOf(api.POST('/v1/endpoints/{id}/resume', params));
      return resumed === 0
        ? 'Enabled: nothing had been held'
        : `Enabled: ${deliveriesWords(resumed)} held back: sent now`;
    }
  }
}
