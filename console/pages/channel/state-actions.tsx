import { Button, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { JSX } from 'react';
import { answerOf, api } from '../../api/client.ts';
import { ConfirmOne } from '../../parts/confirm.tsx';
import { Time } from '../../parts/time.tsx';
import { lastUseOf, nameOf, senderOf } from './channel-words.ts';
import type { Integration } from './channel-words.ts';

/** Disable or enable an integration, or delete it; each is asked before. */
export function StateActions({ integration }: { integration: Integration }): JSX.Element {
  const [asked, setAsked] = useState<'none' | 'state' | 'delete'>('none');
  const isEnabled = integration.state === 'enabled';
  const close = (): void => setAsked('none');
  return (
    <>
      <Button variant="default" size="xs" onClick={() => setAsked('state')}>
        {isEnabled ? 'Disable' : 'Enable'}
      </Button>
      <Button variant="default" size="xs" onClick={() => setAsked('delete')}>
        Delete
      </Button>
      <StateConfirm integration={integration} isOpen={asked === 'state'} onClose={close} />
      <DeleteConfirm integration={integration} isOpen={asked === 'delete'} onClose={close} />
    </>
  );
}

interface AskedProps {
  readonly integration: Integration;
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

function StateConfirm({ integration, isOpen, onClose }: AskedProps): JSX.Element {
  const { id, state } = integration;
  const isEnabled = state === 'enabled';
  const verb = isEnabled ? 'Disable' : 'Enable';
  return (
    <ConfirmOne
      isOpen={isOpen}
      onClose={onClose}
      title={`${verb} the integration`}
      confirmLabel={verb}
      isDanger={isEnabled}
      run={() =>
        answerOf(
          api.PATCH('/v1/integrations/{id}', {
            params: { path: { id } },
            body: { state: isEnabled ? 'disabled' : 'enabled' },
          }),
        )
      }
      onDone={() => notifications.show({ message: `${verb}d`, color: 'green' })}
    >
      {isEnabled ? (
        <>
          <LastUse integration={integration} />
          <Text size="sm">
            Disabled, its address answers 404 to everyone, and what {senderOf(integration)} sends is
            not kept. It can be enabled again.
          </Text>
        </>
      ) : (
        <Text size="sm">
          Its address takes requests again. What was sent meanwhile is not here: have{' '}
          {senderOf(integration)} send it again.
        </Text>
      )}
    </ConfirmOne>
  );
}

function DeleteConfirm({ integration, isOpen, onClose }: AskedProps): JSX.Element {
  const navigate = useNavigate();
  const { id } = integration;
  return (
    <ConfirmOne
      isOpen={isOpen}
      onClose={onClose}
      title={`Delete ${nameOf(integration)}`}
      confirmLabel="Delete"
      isDanger
      run={async () => {
        await answerOf(api.DELETE('/v1/integrations/{id}', { params: { path: { id } } }));
        await navigate({ to: '/integrations/webhooks/channels' });
      }}
      onDone={() => notifications.show({ message: 'The integration is deleted', color: 'green' })}
    >
      <LastUse integration={integration} />
      <Text size="sm">
        Its secrets and its rejected requests go with it, and its address answers 404. Its events
        stay. Nothing brings it back: a new one has another address.
      </Text>
    </ConfirmOne>
  );
}

function LastUse({ integration }: { integration: Integration }): JSX.Element {
  const at = lastUseOf(integration);
  return (
    <Text size="sm">
      {at === null ? (
        'No request was verified by it yet.'
      ) : (
        <>
          The last request that it verified came <Time at={at} />.
        </>
      )}
    </Text>
  );
}
