import { Button, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { JSX } from 'react';
import { answerOf, api } from '../../api/client.ts';
import { ConfirmOne } from '../../parts/confirm.tsx';
import { Icon } from '../../parts/icon.tsx';
import { visibleLine } from '../../parts/visible-text.ts';
import { deliveriesWords } from './endpoint.ts';
import type { Endpoint } from './endpoint.ts';

/** Deletes the endpoint, after it has said what happens to what waits. */
export function DeleteEndpoint({ endpoint }: { endpoint: Endpoint }): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  const navigate = useNavigate();
  const { id, url, held } = endpoint;
  return (
    <>
      <Button
        size="xs"
        variant="default"
        leftSection={<Icon name="trash" size={14} />}
        onClick={() => setOpen(true)}
      >
        Delete
      </Button>
      <ConfirmOne
        isOpen={isOpen}
        onClose={() => setOpen(false)}
        title="Delete the endpoint"
        confirmLabel="Delete"
        isDanger
        run={() => answerOf(api.DELETE('/v1/endpoints/{id}', { params: { path: { id } } }))}
        onDone={() => {
          notifications.show({ message: `Deleted: ${visibleLine(url)}`, color: 'green' });
          void navigate({ to: '/integrations/webhooks/endpoints' });
        }}
      >
        <Text size="sm">
          {visibleLine(url)} gets nothing more, and its secrets sign nothing more.{' '}
          {held > 0 && `${deliveriesWords(held)} held back: cancelled. `}
          Deliveries under way end as cancelled before their next attempt. What was delivered stays
          readable. Nothing brings the endpoint back.
        </Text>
      </ConfirmOne>
    </>
  );
}
