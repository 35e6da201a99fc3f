import { Button, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { JSX } from 'react';
import { answerOf, api } from '../../api/client.ts';
import { ConfirmOne } from '../../parts/confirm.tsx';
import { Icon } from '../../parts/icon.tsx';
import { visibleLine } from '../../parts/visible-text.ts';
import type { Trigger } from '../triggers/trigger-state.ts';

/** The way to its text, and whether it fires: of one that comes from a file the platform’s hold alone is ended here. */
export function StateActions({ trigger }: { trigger: Trigger }): JSX.Element {
  const { id, origin } = trigger;
  return (
    <>
      <Button
        component={Link}
        to={`/triggers/${id}/edit`}
        size="xs"
        variant="default"
        leftSection={<Icon name="book" size={14} />}
      >
        {origin === 'file' ? 'Text and trials' : 'Edit'}
      </Button>
      {trigger.quarantine !== null && <Switch trigger={trigger} verb="enable" />}
      {trigger.quarantine === null && origin === 'api' && (
        <Switch trigger={trigger} verb={trigger.is_active ? 'disable' : 'enable'} />
      )}
    </>
  );
}

const words = {
  enable: {
    label: 'Enable',
    what: 'From now on each event that it fires for makes a run again. Events of meanwhile made none: a replay of their timeframe does.',
    done: 'Enabled: it fires again',
  },
  disable: {
    label: 'Disable',
    what: 'From now on no event makes a run of it. Runs that are planned or under way go on to their end.',
    done: 'Disabled: it fires no more',
  },
} as const;

function Switch({ trigger, verb }: { trigger: Trigger; verb: keyof typeof words }): JSX.Element {
  const [isAsking, setAsking] = useState(false);
  const { label, what, done } = words[verb];
  return (
    <>
      <Button
        size="xs"
        variant={verb === 'enable' ? 'filled' : 'default'}
        leftSection={<Icon name={verb === 'enable' ? 'play' : 'stop'} size={14} />}
        onClick={() => setAsking(true)}
      >
        {label}
      </Button>
      <ConfirmOne
        isOpen={isAsking}
        onClose={() => setAsking(false)}
        title={`${label} ${visibleLine(trigger.name)}`}
        confirmLabel={label}
        isDanger={verb === 'disable'}
        run={async () => {
          const params = { path: { id: trigger.id } };
          await answerOf(api.POST(`/v1/triggers/{id}/${verb}`, { params }));
          notifications.show({ message: done, color: 'green' });
        }}
      >
        <Text size="sm">{what}</Text>
      </ConfirmOne>
    </>
  );
}
