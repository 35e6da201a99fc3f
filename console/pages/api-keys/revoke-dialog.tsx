import { Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import type { JSX } from 'react';
import { answerOf, api } from '../../api/client.ts';
import { ConfirmOne } from '../../parts/confirm.tsx';
import { Time } from '../../parts/time.tsx';
import { visibleLine } from '../../parts/visible-text.ts';
import { scopesWords } from './key-words.ts';
import type { ApiKey } from './key-words.ts';

interface RevokeProps {
  /** Null: closed. */
  readonly apiKey: ApiKey | null;
  readonly onClose: () => void;
}

/** Ends a key for good, after saying what still uses it. */
export function RevokeDialog({ apiKey, onClose }: RevokeProps): JSX.Element {
  const name = visibleLine(apiKey?.name ?? '');
  return (
    <ConfirmOne
      isOpen={apiKey !== null}
      onClose={onClose}
      title="Revoke an API key"
      confirmLabel="Revoke for good"
      isDanger
      run={() =>
        answerOf(api.DELETE('/v1/api-keys/{id}', { params: { path: { id: apiKey?.id ?? '' } } }))
      }
      onDone={() => notifications.show({ message: `The key “${name}” is revoked`, color: 'green' })}
    >
      {apiKey && <WhatStops apiKey={apiKey} />}
    </ConfirmOne>
  );
}

function WhatStops({ apiKey }: { apiKey: ApiKey }): JSX.Element {
  const { name, scopes, last_used_at: at } = apiKey;
  return (
    <Stack gap="xs">
      <Text size="sm" fw={600}>
        “{visibleLine(name)}”, which may {scopesWords(scopes)}
      </Text>
      <Text size="sm">
        {at === null ? (
          'Nobody has ever used it: nothing stops working.'
        ) : (
          <>
            It was last used <Time at={at} />: whatever uses it is answered 401 within seconds, and
            needs another key.
          </>
        )}
      </Text>
      <Text size="sm">
        It can’t be taken back. What was made with it stays, and so do browsers that logged in by a
        link it asked for.
      </Text>
    </Stack>
  );
}
