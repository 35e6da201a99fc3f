import { Button, Group, Paper, Stack, TextInput, Title } from '@mantine/core';
import { useState } from 'react';
import type { JSX } from 'react';
import { useChange } from '../../api/change.ts';
import { answerOf, api } from '../../api/client.ts';
import { detailAt } from '../../api/problem.ts';
import { EventTypesInput } from '../../parts/event-types-input.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import type { Endpoint } from './endpoint.ts';

interface Draft {
  readonly url: string;
  readonly description: string;
  readonly types: readonly string[];
}

/** What the draft began from. */
type Kept = Pick<Endpoint, 'url' | 'description' | 'event_types'>;

/** What can be changed about an endpoint, but its state and secrets. */
export function Settings({ endpoint }: { endpoint: Endpoint }): JSX.Element {
  const [base, setBase] = useState<Kept>(endpoint);
  const [draft, setDraft] = useState(() => draftOf(endpoint));
  const saving = useChange(
    () =>
      answerOf(
        api.PATCH('/v1/endpoints/{id}', {
          params: { path: { id: endpoint.id } },
          body: toBody(draft, base),
        }),
      ),
    () => 'Saved: attempts that are still to come use it',
  );
  function begin(from: Kept): void {
    setBase(from);
    setDraft(draftOf(from));
  }
  const isSame = JSON.stringify(toBody(draft, base)) === '{}';
  // Somebody else changed it, and nothing was typed here.
  if (isSame && JSON.stringify(draftOf(endpoint)) !== JSON.stringify(draftOf(base))) {
    begin(endpoint);
  }
  return (
    <Paper component="section" withBorder p="md" aria-labelledby="settings">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          saving.mutate(undefined, { onSuccess: begin });
        }}
      >
        <Stack gap="sm" maw={640}>
          <Title order={2} id="settings">
            Settings
          </Title>
          {saving.error && <ProblemAlert error={saving.error} />}
          <Fields
            draft={draft}
            error={saving.error}
            onChange={(changes) => setDraft({ ...draft, ...changes })}
          />
          <Buttons isSame={isSame} isPending={saving.isPending} onUndo={() => begin(endpoint)} />
        </Stack>
      </form>
    </Paper>
  );
}

function Buttons(props: { isSame: boolean; isPending: boolean; onUndo: () => void }): JSX.Element {
  const { isSame, isPending, onUndo } = props;
  return (
    <Group gap="xs">
      <Button type="submit" size="xs" disabled={isSame} loading={isPending}>
        Save the settings
      </Button>
      {!isSame && (
        <Button size="xs" variant="default" onClick={onUndo}>
          Undo
        </Button>
      )}
    </Group>
  );
}

function Fields(props: {
  draft: Draft;
  error: Error | null;
  onChange: (changes: Partial<Draft>) => void;
}): JSX.Element {
  const { draft, error, onChange } = props;
  return (
    <>
      <TextInput
        label="URL"
        value={draft.url}
        required
        spellCheck={false}
        autoComplete="off"
        error={detailAt(error, '/url')}
        onChange={({ currentTarget }) => onChange({ url: currentTarget.value })}
      />
      <EventTypesInput
        value={draft.types}
        error={detailAt(error, '/event_types')}
        onChange={(types) => onChange({ types })}
      />
      <TextInput
        label="Description"
        description="Whose it is, in your words"
        value={draft.description}
        maxLength={1000}
        error={detailAt(error, '/description')}
        onChange={({ currentTarget }) => onChange({ description: currentTarget.value })}
      />
    </>
  );
}

function draftOf({ url, description, event_types: types }: Kept): Draft {
  return { url, description: description ?? '', types };
}

/** Only what is different: what somebody else changed meanwhile stays. */
function toBody(draft: Draft, base: Kept) {
  const before = draftOf(base);
  const description = draft.description.trim();
  return {
    ...(draft.url.trim() !== before.url && { url: draft.url.trim() }),
    ...(JSON.stringify(draft.types) !== JSON.stringify(before.types) && {
      event_types: [...draft.types],
    }),
    ...(description !== before.description && {
      description: description === '' ? null : description,
    }),
  };
}
