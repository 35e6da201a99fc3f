import { Modal, NativeSelect, NumberInput, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { JSX } from 'react';
import { useChange } from '../../api/change.ts';
import { answerOf, api } from '../../api/client.ts';
import { detailAt } from '../../api/problem.ts';
import { DialogForm } from '../../parts/dialog-form.tsx';
import { budgetWords } from './budget-words.ts';
import type { Budget } from './budget-words.ts';

export interface BudgetDialogProps {
  readonly isOpen: boolean;
  /** The one to change; null for a new one. */
  readonly budget: Budget | null;
  readonly onClose: () => void;
}

interface Draft {
  readonly period: Budget['period'];
  readonly amount: number | string;
  readonly currency: string;
}

const emptyDraft: Draft = { period: 'month', amount: '', currency: 'USD' };

/** Sets a budget, in place of another where one is changed. */
export function BudgetDialog(props: BudgetDialogProps): JSX.Element {
  const { isOpen, budget, onClose } = props;
  return (
    <Modal
      opened={isOpen}
      onClose={onClose}
      title={budget === null ? 'Set a budget' : 'Change the budget'}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Form budget={budget} onClose={onClose} />
    </Modal>
  );
}

function Form({ budget, onClose }: Omit<BudgetDialogProps, 'isOpen'>): JSX.Element {
  const [draft, setDraft] = useState<Draft>(budget ?? emptyDraft);
  const setting = useChange(
    () => setBudget(draft, budget),
    (made) => `The budget is set: ${budgetWords(made)}`,
  );
  return (
    <DialogForm
      submitLabel={budget === null ? 'Set the budget' : 'Change the budget'}
      isPending={setting.isPending}
      error={setting.error}
      canSubmit={draft.amount !== '' && draft.currency !== ''}
      onSubmit={() => setting.mutate(undefined, { onSuccess: onClose })}
      onClose={onClose}
    >
      <Fields
        draft={draft}
        error={setting.error}
        onChange={(changes) => setDraft({ ...draft, ...changes })}
      />
      <Text size="sm">
        {budget !== null && `It takes the place of ${budgetWords(budget)}. `}
        What is spent in the period already counts: if that is more, the alert is published at once.
      </Text>
    </DialogForm>
  );
}

/** The new one first: should the second step fail, there are two, and both tell. */
async function setBudget(
  { period, amount, currency }: Draft,
  kept: Budget | null,
): Promise<Budget> {
  const made = await answerOf(
    api.PUT('/v1/budgets', { body: { period, amount: Number(amount), currency } }),
  );
  if (kept !== null && kept.id !== made.id) {
    await answerOf(api.DELETE('/v1/budgets/{id}', { params: { path: { id: kept.id } } }));
  }
  return made;
}

function Fields(props: {
  draft: Draft;
  error: Error | null;
  onChange: (changes: Partial<Draft>) => void;
}): JSX.Element {
  const { draft, error, onChange } = props;
  return (
    <>
      <NumberInput
        label="Amount"
        description="Exceeded means more than this"
        required
        data-autofocus
        min={0}
        decimalScale={6}
        thousandSeparator=","
        value={draft.amount}
        error={detailAt(error, '/amount')}
        onChange={(amount) => onChange({ amount })}
      />
      <TextInput
        label="Currency"
        description="Three capital letters. What is spent in another currency does not count"
        required
        maxLength={3}
        value={draft.currency}
        error={detailAt(error, '/currency')}
        onChange={({ currentTarget }) => onChange({ currency: currentTarget.value.toUpperCase() })}
      />
      <NativeSelect
        label="In each"
        description="Days and months are those of UTC"
        value={draft.period}
        data={['day', 'month']}
        onChange={({ currentTarget: { value } }) =>
          onChange({ period: value === 'day' ? 'day' : 'month' })
        }
      />
    </>
  );
}
