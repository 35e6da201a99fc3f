import { Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import type { JSX } from 'react';
import { answerOf, api } from '../../api/client.ts';
import { ConfirmOne } from '../../parts/confirm.tsx';

/** Ends one secret at once, after it has said what that does. */
export function EndSecret(props: {
  endpointId: string;
  /** Null while nobody is asked. */
  secretId: string | null;
  onClose: () => void;
}): JSX.Element {
  const { endpointId: id, secretId, onClose } = props;
  return (
    <ConfirmOne
      isOpen={secretId !== null}
      onClose={onClose}
      title="End the secret now"
      confirmLabel="End it now"
      isDanger
      run={async () => {
        if (secretId === null) return;
        const path = { id, secret_id: secretId };
        await answerOf(api.DELETE('/v1/endpoints/{id}/secrets/{secret_id}', { params: { path } }));
        notifications.show({ message: 'Ended: it signs nothing more', color: 'green' });
      }}
    >
      <Text size="sm">
        <code>{secretId}</code> signs nothing more: a consumer that still verifies with it refuses
        every request. Nothing brings it back.
      </Text>
    </ConfirmOne>
  );
}
