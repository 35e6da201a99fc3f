import { Modal, Textarea, TextInput } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { JSX } from 'react';
import { useChange } from '../../api/change.ts';
import { answerOf, api } from '../../api/client.ts';
import { detailAt } from '../../api/problem.ts';
import { DialogForm } from '../../parts/dialog-form.tsx';
import { readJson } from '../../parts/json-text.ts';

interface Draft {
  readonly name: string;
  readonly key: string;
  readonly user: string;
  /** JSON; empty for none. */
  readonly input: string;
}

const emptyDraft: Draft = { name: '', key: '', user: '', input: '' };

/** Opens a session, or hands the input to the active one of its name and key, and goes to its page. */
export function OpenDialog(props: { isOpen: boolean; onClose: () => void }): JSX.Element {
  return (
    <Modal
      opened={props.isOpen}
      onClose={props.onClose}
      title="Open a session"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Form onClose={props.onClose} />
    </Modal>
  );
}

function Form({ onClose }: { onClose: () => void }): JSX.Element {
  const [draft, setDraft] = useState(emptyDraft);
  const navigate = useNavigate();
  const opening = useChange(open, ({ entry_number: number }) =>
    number === null ? 'The session is open' : 'The active session of this key has the input',
  );
  const mistake = mistakeIn(draft.input);
  function submit(): void {
    opening.mutate(draft, {
      onSuccess: ({ id }) => {
        onClose();
        void navigate({ to: `/sessions/${id}` });
      },
    });
  }
  return (
    <DialogForm
      submitLabel="Open"
      isPending={opening.isPending}
      error={opening.error}
      canSubmit={draft.name !== '' && draft.user !== '' && mistake === undefined}
      onSubmit={submit}
      onClose={onClose}
    >
      <Fields
        draft={draft}
        error={opening.error}
        mistake={mistake}
        onChange={(changes) => setDraft({ ...draft, ...changes })}
      />
    </DialogForm>
  );
}

function open({ name, key, user, input }: Draft) {
  const read = input.trim() === '' ? undefined : readJson(input);
  return answerOf(
    api.POST('/v1/sessions', {
      body: {
        name,
        user_id: user,
        ...(key !== '' && { key }),
        ...(read && 'value' in read && { input: read.value }),
      },
    }),
  );
}

function mistakeIn(input: string): string | undefined {
  if (input.trim() === '') return undefined;
  const read = readJson(input);
  return 'mistake' in read ? read.mistake : undefined;
}

function Fields(props: {
  draft: Draft;
  error: Error | null;
  /** What is wrong with the input. */
  mistake: string | undefined;
  onChange: (changes: Partial<Draft>) => void;
}): JSX.Element {
  const { draft, error, mistake, onChange } = props;
  return (
    <>
      <TextInput
        label="Name"
        description="What the agent is to do"
        placeholder="code-review"
        required
        data-autofocus
        value={draft.name}
        error={detailAt(error, '/name')}
        onChange={({ currentTarget }) => onChange({ name: currentTarget.value })}
      />
      <TextInput
        label="User"
        description="Whom it is for"
        placeholder="lwei"
        required
        value={draft.user}
        error={detailAt(error, '/user_id')}
        onChange={({ currentTarget }) => onChange({ user: currentTarget.value })}
      />
      <TextInput
        label="Key"
        description="What it is about. While a session of this name and key is active, it gets the input, and no other is opened"
        value={draft.key}
        error={detailAt(error, '/key')}
        onChange={({ currentTarget }) => onChange({ key: currentTarget.value })}
      />
      <Textarea
        label="Input"
        description="What the agent is started with, as JSON"
        placeholder='{"pr_url": "https://github.com/acme/checkout/pull/482"}'
        rows={5}
        spellCheck={false}
        styles={{ input: { fontFamily: 'var(--mono)' } }}
        value={draft.input}
        error={mistake ?? detailAt(error, '/input')}
        onChange={({ currentTarget }) => onChange({ input: currentTarget.value })}
      />
    </>
  );
}
