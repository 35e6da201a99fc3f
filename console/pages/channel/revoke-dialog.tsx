import { Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import type { JSX } from 'react';
import { answerOf, api } from '../../api/client.ts';
import { ConfirmOne } from '../../parts/confirm.tsx';
import { Time } from '../../parts/time.tsx';
import { isValid, secretWordsOf, senderOf } from './channel-words.ts';
import type { Integration, IntegrationSecret } from './channel-words.ts';

interface RevokeProps {
  readonly integration: Integration;
  /** Null: closed. */
  readonly secret: IntegrationSecret | null;
  readonly onClose: () => void;
}

/** Ends a secret at once, after saying what still uses it. */
export function RevokeDialog({ integration, secret, onClose }: RevokeProps): JSX.Element {
  return (
    <ConfirmOne
      isOpen={secret !== null}
      onClose={onClose}
      title="Revoke a secret now"
      confirmLabel="Revoke now"
      isDanger
      run={() =>
        answerOf(
          api.DELETE('/v1/integrations/{id}/secrets/{secret_id}', {
            params: { path: { id: integration.id, secret_id: secret?.id ?? '' } },
          }),
        )
      }
      onDone={() => notifications.show({ message: 'The secret is revoked', color: 'green' })}
    >
      {secret && <StillUses integration={integration} secret={secret} />}
    </ConfirmOne>
  );
}

function StillUses(props: { integration: Integration; secret: IntegrationSecret }): JSX.Element {
  const { integration, secret } = props;
  const { kind, used_count: count, last_used_at: at, safe_to_drop_reason: reason } = secret;
  const others = integration.secrets.filter(
    (it) => it.id !== secret.id && it.kind === kind && isValid(it),
  );
  return (
    <Stack gap="xs">
      <Text size="sm">
        {secretWordsOf(integration.channel, kind).title}:{' '}
        {at === null ? (
          'no request was verified with it.'
        ) : (
          <>
            it has verified {count.toLocaleString('en')} {count === 1 ? 'request' : 'requests'}, the
            last one <Time at={at} />.
          </>
        )}
      </Text>
      {reason !== null && <Text size="sm">{reason}.</Text>}
      <Text size="sm">
        {others.length === 0
          ? `It is the only valid one of its kind: without another, what ${senderOf(integration)} sends is rejected. Rotate first.`
          : `${others.length} of its kind stay valid. A request signed with this one is rejected from now on.`}{' '}
        Rejected requests are kept and can be released.
      </Text>
    </Stack>
  );
}
