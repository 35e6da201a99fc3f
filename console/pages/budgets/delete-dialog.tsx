import { Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import type { JSX } from 'react';
import { answerOf, api } from '../../api/client.ts';
import { ConfirmOne } from '../../parts/confirm.tsx';
import { budgetWords } from './budget-words.ts';
import type { Budget } from './budget-words.ts';

export interface DeleteDialogProps {
  /** Null: closed. */
  readonly budget: Budget | null;
  readonly onClose: () => void;
}

/** Takes a budget away, after asking. */
export function DeleteDialog({ budget, onClose }: DeleteDialogProps): JSX.Element {
  const id = budget?.id ?? '';
  return (
    <ConfirmOne
      isOpen={budget !== null}
      onClose={onClose}
      title="Delete a budget"
      confirmLabel="Delete"
      isDanger
      run={() => answerOf(api.DELETE('/v1/budgets/{id}', { params: { path: { id } } }))}
      onDone={() => notifications.show({ message: 'The budget is deleted', color: 'green' })}
    >
      {budget && (
        <Text size="sm">
          Nothing tells any more that {budgetWords(budget)} is exceeded. What was spent stays
          counted: should it be set again, it stands where it would have stood.
        </Text>
      )}
    </ConfirmOne>
  );
}
