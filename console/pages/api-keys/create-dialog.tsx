import { Button, Checkbox, Group, NativeSelect, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { JSX } from 'react';
import type { Answers } from '../../../src/client/index.ts';
import { answerOf, api } from '../../api/client.ts';
import { detailAt } from '../../api/problem.ts';
import { Copyable } from '../../parts/copyable.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { SecretDialog, useSecretChange } from '../../parts/secret-dialog.tsx';
import { SecretOnce } from '../../parts/secret-once.tsx';
import { Moment } from '../../parts/time-filter.tsx';
import { Time } from '../../parts/time.tsx';
import { lifetimes, scopeWords, scopes, scopesWords } from './key-words.ts';
import type { Scope } from './key-words.ts';

interface Draft {
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** The name of a lifetime, `custom`, or empty for no end. */
  readonly lifetime: string;
  /** RFC 3339; counts with `custom`. */
  readonly end: string | undefined;
}

/** The least that is of use. */
const emptyDraft: Draft = { name: '', scopes: ['read'], lifetime: '90d', end: undefined };

/** Makes an API key, and shows it once. */
export function CreateDialog(props: { isOpen: boolean; onClose: () => void }): JSX.Element {
  return (
    <SecretDialog isOpen={props.isOpen} onClose={props.onClose} title="Create an API key">
      <Steps onClose={props.onClose} />
    </SecretDialog>
  );
}

function Steps({ onClose }: { onClose: () => void }): JSX.Element {
  const [draft, setDraft] = useState(emptyDraft);
  const making = useSecretChange((asked: Draft) =>
    answerOf(api.POST('/v1/api-keys', { body: toBody(asked) })),
  );
  if (making.data) return <Created made={making.data} onClose={onClose} />;
  const isEndMissing = draft.lifetime === 'custom' && draft.end === undefined;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        making.mutate(draft);
      }}
    >
      <Stack gap="md">
        {making.error && <ProblemAlert error={making.error} />}
        <Fields
          draft={draft}
          error={making.error}
          onChange={(changes) => setDraft({ ...draft, ...changes })}
        />
        <Group justify="flex-end">
          <Button variant="default" disabled={making.isPending} onClick={onClose}>
            Cancel
          </Button>
          <Button
            type="submit"
            loading={making.isPending}
            disabled={draft.scopes.length === 0 || isEndMissing}
          >
            Create the key
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function toBody({ name, scopes: chosen, lifetime, end }: Draft) {
  const ms = lifetimes.find(({ value }) => value === lifetime)?.ms;
  const expiresAt = ms === undefined ? undefined : new Date(Date.now() + ms).toISOString();
  const expires_at = lifetime === 'custom' ? end : expiresAt;
  return { name, scopes: [...chosen], ...(expires_at !== undefined && { expires_at }) };
}

interface FieldsProps {
  readonly draft: Draft;
  readonly error: Error | null;
  readonly onChange: (changes: Partial<Draft>) => void;
}

function Fields({ draft, error, onChange }: FieldsProps): JSX.Element {
  return (
    <>
      <TextInput
        label="Name"
        description="What it is for: who uses it, and where"
        required
        maxLength={200}
        value={draft.name}
        error={detailAt(error, '/name')}
        onChange={({ currentTarget }) => onChange({ name: currentTarget.value })}
      />
      <Checkbox.Group
        label="What it may do"
        value={[...draft.scopes]}
        error={detailAt(error, '/scopes')}
        onChange={(chosen) => onChange({ scopes: scopes.filter((name) => chosen.includes(name)) })}
      >
        <Stack gap="xs" mt={4}>
          {scopes.map((name) => (
            <Checkbox
              key={name}
              value={name}
              label={scopeWords[name].label}
              description={scopeWords[name].about}
            />
          ))}
        </Stack>
      </Checkbox.Group>
      <NativeSelect
        label="It ends after"
        value={draft.lifetime}
        data={[
          ...lifetimes.map(({ value, label }) => ({ value, label })),
          { value: 'custom', label: 'At a time …' },
          { value: '', label: 'Never: until it is revoked' },
        ]}
        error={detailAt(error, '/expires_at')}
        onChange={({ currentTarget }) => onChange({ lifetime: currentTarget.value })}
      />
      {draft.lifetime === 'custom' && (
        <Moment
          label="It ends at (your time)"
          value={draft.end}
          onChange={(end) => onChange({ end })}
        />
      )}
    </>
  );
}

function Created(props: { made: Answers['CreatedApiKey']; onClose: () => void }): JSX.Element {
  const { made, onClose } = props;
  const path = made.scopes.includes('read') ? '/v1/events?limit=1' : '/v1/events';
  const command = made.scopes.includes('read')
    ? `curl "${window.location.origin}${path}" -H "Authorization: Bearer ${made.key}"`
    : `curl "${window.location.origin}${path}" -H "Authorization: Bearer ${made.key}" -H 'Content-Type: application/json' -d '{"type": "custom.hello", "data": {}}'`;
  return (
    <Stack gap="md">
      <SecretOnce name="The API key" value={made.key} />
      <div>
        <Text size="sm">Try it:</Text>
        <Copyable text={command} what="the command" />
      </div>
      <Text size="sm">
        It may {scopesWords(made.scopes)}
        {made.expires_at === null ? (
          ', until it is revoked.'
        ) : (
          <>
            , and ends <Time at={made.expires_at} />.
          </>
        )}
      </Text>
      <Group justify="flex-end">
        <Button onClick={onClose}>I have copied it</Button>
      </Group>
    </Stack>
  );
}
