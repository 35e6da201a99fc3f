import { Button, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import type { JSX } from 'react';
import { answerOf, api } from '../../api/client.ts';
import { ConfirmOne } from '../../parts/confirm.tsx';
import { Icon } from '../../parts/icon.tsx';
import type { IconName } from '../../parts/icon.tsx';
import type { Endpoint } from './endpoint.ts';
import { Resume } from './resume.tsx';

/** What stops deliveries. */
type Stop = 'pause' | 'disable';

type Move = Stop | 'resume';

const stops = {
  pause: {
    label: 'Pause',
    title: 'Pause the endpoint',
    what: 'From now on nothing is sent: new deliveries are held, and those under way are held before their next attempt. Nothing is lost: a resume sends them.',
    done: 'Paused: new deliveries are held',
  },
  disable: {
    label: 'Disable',
    title: 'Disable the endpoint',
    what: 'New deliveries are recorded as skipped, those under way end as cancelled before their next attempt. Nothing is lost: enabling it sends them.',
    done: 'Disabled: nothing is sent',
  },
} as const;

const icons: Readonly<Record<Move, IconName>> = { pause: 'pause', disable: 'stop', resume: 'play' };

/** Pause, disable, resume: each says what it does before. */
export function StateActions({ endpoint }: { endpoint: Endpoint }): JSX.Element {
  const [asked, setAsked] = useState<Move | null>(null);
  const close = (): void => setAsked(null);
  const resume = resumeWords(endpoint);
  return (
    <>
      {movesOf(endpoint).map((move) => (
        <Button
          key={move}
          size="xs"
          variant="default"
          leftSection={<Icon name={icons[move]} size={14} />}
          onClick={() => setAsked(move)}
        >
          {move === 'resume' ? resume.label : stops[move].label}
        </Button>
      ))}
      {asked === 'resume' && <Resume {...resume} endpoint={endpoint} onClose={close} />}
      {asked !== null && asked !== 'resume' && (
        <ConfirmStop move={asked} endpointId={endpoint.id} onClose={close} />
      )}
    </>
  );
}

function movesOf({ state, held, skipped }: Endpoint): readonly Move[] {
  switch (state) {
    case 'enabled':
      return held + skipped > 0 ? ['resume', 'pause', 'disable'] : ['pause', 'disable'];
    case 'paused':
      return ['resume', 'disable'];
    case 'disabled':
      return ['resume', 'pause'];
  }
}

function resumeWords({ state }: Endpoint): { readonly label: string; readonly title: string } {
  switch (state) {
    case 'enabled': // In an outage its deliveries wait too.
      return { label: 'Let go what waits', title: 'Let go what waits' };
    case 'paused':
      return { label: 'Resume', title: 'Resume the endpoint' };
    case 'disabled':
      return { label: 'Enable', title: 'Enable the endpoint' };
  }
}

function ConfirmStop(props: { move: Stop; endpointId: string; onClose: () => void }): JSX.Element {
  const { move, endpointId: id, onClose } = props;
  const { title, label, what, done } = stops[move];
  return (
    <ConfirmOne
      isOpen
      onClose={onClose}
      title={title}
      confirmLabel={label}
      isDanger={move === 'disable'}
      run={async () => {
        await answerOf(api.POST(`/v1/endpoints/{id}/${move}`, { params: { path: { id } } }));
        notifications.show({ message: done, color: 'green' });
      }}
    >
      <Text size="sm">{what}</Text>
    </ConfirmOne>
  );
}
