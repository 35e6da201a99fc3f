import { Modal, Text, Textarea, TextInput } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { JSX } from 'react';
import { useChange } from '../../api/change.ts';
import { answerOf, api } from '../../api/client.ts';
import { detailAt } from '../../api/problem.ts';
import { DialogForm } from '../../parts/dialog-form.tsx';
import { readItems } from './pasted-items.ts';

/** Starts an import of pasted items, and goes to its page. */
export function StartDialog(props: { isOpen: boolean; onClose: () => void }): JSX.Element {
  return (
    <Modal
      opened={props.isOpen}
      onClose={props.onClose}
      title="Start an import"
      size="lg"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Form onClose={props.onClose} />
    </Modal>
  );
}

const example = `[
  {
    "repository": "acme/checkout",
    "number": 77,
    "title": "Slow",
    "state": "open",
    "url": "https://jira.example.com/77"
  }
]`;

interface Draft {
  readonly source: string;
  /** JSON. */
  readonly text: string;
}

const emptyDraft: Draft = { source: '', text: '' };

function Form({ onClose }: { onClose: () => void }): JSX.Element {
  const [draft, setDraft] = useState(emptyDraft);
  const navigate = useNavigate();
  const starting = useChange((sent: readonly unknown[]) =>
    answerOf(api.POST('/v1/imports', { body: { source: draft.source, items: [...sent] } })),
  );
  const pasted = draft.text.trim() === '' ? undefined : readItems(draft.text);
  const items = pasted && 'items' in pasted ? pasted.items : [];
  function submit(): void {
    starting.mutate(items, {
      onSuccess: ({ id }) => {
        onClose();
        void navigate({ to: `/imports/${id}` });
      },
    });
  }
  return (
    <DialogForm
      submitLabel={items.length === 0 ? 'Import' : `Import ${countWords(items.length)}`}
      isPending={starting.isPending}
      error={starting.error}
      canSubmit={draft.source !== '' && items.length > 0}
      onSubmit={submit}
      onClose={onClose}
    >
      <Fields
        draft={draft}
        error={starting.error}
        mistake={pasted && 'mistake' in pasted ? pasted.mistake : undefined}
        onChange={(changes) => setDraft({ ...draft, ...changes })}
      />
    </DialogForm>
  );
}

function Fields(props: {
  draft: Draft;
  error: Error | null;
  /** What is wrong with the text. */
  mistake: string | undefined;
  onChange: (changes: Partial<Draft>) => void;
}): JSX.Element {
  const { draft, error, mistake, onChange } = props;
  return (
    <>
      <TextInput
        label="Source"
        description="Where the issues come from. Source, repository and number say which issue it is"
        placeholder="jira"
        required
        data-autofocus
        value={draft.source}
        error={detailAt(error, '/source')}
        onChange={({ currentTarget }) => onChange({ source: currentTarget.value })}
      />
      <Textarea
        label="Items"
        description="A list of issues, as JSON"
        placeholder={example}
        required
        rows={12}
        spellCheck={false}
        styles={{ input: { fontFamily: 'var(--mono)' } }}
        value={draft.text}
        error={mistake ?? detailAt(error, '/items')}
        onChange={({ currentTarget }) => onChange({ text: currentTarget.value })}
      />
      <Text size="sm">
        Each item is checked on its own: a bad one is told on the page of the import, the others are
        taken.
      </Text>
    </>
  );
}

function countWords(count: number): string {
  return count === 1 ? '1 item' : `${count.toLocaleString('en')} items`;
}
