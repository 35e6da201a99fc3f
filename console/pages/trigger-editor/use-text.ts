import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { UseMutationResult } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { answerOf, api } from '../../api/client.ts';
import type { Answers } from '../../../src/client/index.ts';
import { firstText } from './first-text.ts';

export type Trigger = Answers['TriggerWithText'];

/** A text that is written, and the revision that it began from. */
export interface WrittenText {
  readonly text: string;
  readonly write: (text: string) => void;
  /** Revision and text that it began from. */
  readonly base: Base;
  readonly isDirty: boolean;
  readonly saving: UseMutationResult<Trigger, Error, void>;
  /** Begin from the revision that is current: with its text, or going on with what is written. */
  readonly takeCurrent: (what: 'its text' | 'revision') => void;
  /** Grows whenever the text is another than the one that was typed. */
  readonly version: number;
}

interface Base {
  readonly revision: number;
  readonly text: string;
}

/** @param trigger - as the API has it now; undefined for a new one */
export function useText(trigger: Trigger | undefined): WrittenText {
  const [base, setBase] = useState(() => baseOf(trigger));
  const [text, write] = useState(base.text);
  const [version, setVersion] = useState(0);
  const client = useQueryClient();
  const navigate = useNavigate();
  const saving = useMutation({
    mutationFn: () => save(trigger?.id, { text, revision: base.revision }),
    onSuccess: async (saved) => {
      setBase(baseOf(saved));
      notifications.show({ message: `Saved as revision ${saved.revision}`, color: 'green' });
      if (trigger === undefined) {
        await navigate({ to: `/triggers/${saved.id}/edit`, replace: true, ignoreBlocker: true });
      }
    },
    // Of a failure too: somebody else may have saved.
    onSettled: () => client.invalidateQueries(),
  });
  function takeCurrent(what: 'its text' | 'revision'): void {
    const current = baseOf(trigger);
    setBase(current);
    saving.reset();
    if (what === 'revision') return;
    write(current.text);
    setVersion(version + 1);
  }
  return { text, write, base, isDirty: text !== base.text, saving, takeCurrent, version };
}

function baseOf(trigger: Trigger | undefined): Base {
  return { revision: trigger?.revision ?? 0, text: trigger?.text ?? (trigger ? '' : firstText) };
}

async function save(
  id: string | undefined,
  body: { text: string; revision: number },
): Promise<Trigger> {
  if (id === undefined) return answerOf(api.POST('/v1/triggers', { body: { text: body.text } }));
  return answerOf(api.PUT('/v1/triggers/{id}', { params: { path: { id } }, body }));
}
