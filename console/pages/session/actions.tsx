import { Button, Text } from '@mantine/core';
import { useState } from 'react';
import type { JSX } from 'react';
import { answerOf, api } from '../../api/client.ts';
import { ConfirmOne } from '../../parts/confirm.tsx';
import { Icon } from '../../parts/icon.tsx';
import { FinishDialog } from './finish-dialog.tsx';
import type { Session } from './session-words.ts';

/** What can be done to a session in its state. */
export function Actions({ session }: { session: Session }): JSX.Element | null {
  const { id, state } = session;
  const [isFinishing, setFinishing] = useState(false);
  if (state === 'archived') return null;
  return (
    <>
      {state === 'active' && (
        <Button
          size="xs"
          leftSection={<Icon name="check" size={14} />}
          onClick={() => setFinishing(true)}
        >
          Finish
        </Button>
      )}
      <Archive session={session} />
      <FinishDialog id={id} isOpen={isFinishing} onClose={() => setFinishing(false)} />
    </>
  );
}

function Archive({ session: { id, state } }: { session: Session }): JSX.Element {
  const [isAsking, setAsking] = useState(false);
  return (
    <>
      <Button
        size="xs"
        variant="default"
        leftSection={<Icon name="stop" size={14} />}
        onClick={() => setAsking(true)}
      >
        Archive
      </Button>
      <ConfirmOne
        isOpen={isAsking}
        onClose={() => setAsking(false)}
        title="Archive the session"
        confirmLabel="Archive"
        isDanger
        run={() => answerOf(api.POST('/v1/sessions/{id}/archive', { params: { path: { id } } }))}
      >
        <Text size="sm">
          {state === 'active'
            ? 'It is at work: the agent is told to stop, and the session has no result. '
            : ''}
          It takes nothing more, <code>session.archived</code> is published, and nothing brings it
          back. What it did can still be read.
        </Text>
      </ConfirmOne>
    </>
  );
}
