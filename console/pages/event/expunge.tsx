import { Button, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { JSX } from 'react';
import { answerOf, api } from '../../api/client.ts';
import { ConfirmOne } from '../../parts/confirm.tsx';

/** Drops the payload of an event for good, with the reason for the audit log. */
export function Expunge({ id }: { id: string }): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  const [reason, setReason] = useState('');
  return (
    <>
      <Button size="xs" variant="default" onClick={() => setOpen(true)}>
        Drop the payload
      </Button>
      <ConfirmOne
        isOpen={isOpen}
        onClose={() => setOpen(false)}
        title="Drop the payload"
        confirmLabel="Drop it for good"
        isDanger
        run={() =>
          answerOf(
            api.POST('/v1/events/{id}/expunge', { params: { path: { id } }, body: { reason } }),
          )
        }
      >
        <Text size="sm">
          Its headers, query and body go, and what consumers answered to it. Nothing brings them
          back. What is still to be sent of it ends as cancelled; what happened stays readable.
        </Text>
        <TextInput
          label="Reason"
          description="Who asked for it and why: the audit log keeps it"
          required
          maxLength={500}
          value={reason}
          onChange={({ currentTarget }) => setReason(currentTarget.value)}
        />
      </ConfirmOne>
    </>
  );
}
