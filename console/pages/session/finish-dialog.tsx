import { Modal, NumberInput, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { JSX } from 'react';
import { useChange } from '../../api/change.ts';
import { answerOf, api } from '../../api/client.ts';
import { detailAt } from '../../api/problem.ts';
import { DialogForm } from '../../parts/dialog-form.tsx';
import { costWords } from './session-words.ts';

export interface FinishDialogProps {
  /** Of the session. */
  readonly id: string;
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

/** Finishes a session instead of its agent: with what it cost. */
export function FinishDialog(props: FinishDialogProps): JSX.Element {
  return (
    <Modal
      opened={props.isOpen}
      onClose={props.onClose}
      title="Finish the session"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Form {...props} />
    </Modal>
  );
}

function Form({ id, onClose }: FinishDialogProps): JSX.Element {
  const [cost, setCost] = useState<number | string>('');
  const [currency, setCurrency] = useState('USD');
  const finishing = useChange(
    () =>
      answerOf(
        api.POST('/v1/sessions/{id}/finish', {
          params: { path: { id } },
          body: { cost: Number(cost), currency: currency.trim() },
        }),
      ),
    (session) => `The session is finished: ${costWords(session)}`,
  );
  return (
    <DialogForm
      submitLabel="Finish"
      isPending={finishing.isPending}
      error={finishing.error}
      canSubmit={cost !== '' && currency.trim() !== ''}
      onSubmit={() => finishing.mutate(undefined, { onSuccess: onClose })}
      onClose={onClose}
    >
      <Text size="sm">
        Usually its agent does this. <code>session.finished</code> is published, and the cost counts
        for the budgets of its currency.
      </Text>
      <NumberInput
        label="Cost"
        required
        data-autofocus
        min={0}
        decimalScale={6}
        value={cost}
        error={detailAt(finishing.error, '/cost')}
        onChange={setCost}
      />
      <TextInput
        label="Currency"
        description="Three capital letters"
        required
        maxLength={3}
        value={currency}
        error={detailAt(finishing.error, '/currency')}
        onChange={({ currentTarget }) => setCurrency(currentTarget.value.toUpperCase())}
      />
    </DialogForm>
  );
}
