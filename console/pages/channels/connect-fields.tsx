import { PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import type { JSX } from 'react';
import { secretWordsOf } from '../channel/channel-words.ts';
import type { Scheme } from '../channel/schemes.ts';
import type { ConnectDraft } from './connect-form.ts';

interface FieldsProps {
  readonly draft: ConnectDraft;
  readonly scheme: Scheme;
  readonly onChange: (changes: Partial<ConnectDraft>) => void;
}

/** The fields that a way of verifying needs, and a description. */
export function ConnectFields({ draft, scheme, onChange }: FieldsProps): JSX.Element {
  return (
    <>
      {scheme.needs_username && (
        <TextInput
          label="User"
          description="The name that the sender logs in with"
          required
          value={draft.username}
          onChange={({ currentTarget }) => onChange({ username: currentTarget.value })}
        />
      )}
      {scheme.needs_receive_id && (
        <TextInput
          label="Receive id"
          description="企业ID (CorpID), at the foot of 我的企业; a third-party app’s SuiteID; empty for a bot"
          value={draft.receiveId}
          onChange={({ currentTarget }) => onChange({ receiveId: currentTarget.value })}
        />
      )}
      <Secrets draft={draft} scheme={scheme} onChange={onChange} />
      <TextInput
        label="Description"
        description="What you call it: the repository, the team"
        value={draft.description}
        maxLength={1000}
        onChange={({ currentTarget }) => onChange({ description: currentTarget.value })}
      />
    </>
  );
}

function Secrets({ draft, scheme, onChange }: FieldsProps): JSX.Element {
  return (
    <Stack gap="sm">
      {scheme.is_one_kind_enough && (
        <Text size="sm">
          Give one of the two at least, better both: the same texts as at the provider.
        </Text>
      )}
      {scheme.kinds.map((kind) => {
        const { title, origin } = secretWordsOf(draft.channel, kind);
        return (
          <PasswordInput
            key={kind}
            label={title}
            description={origin}
            value={draft.secrets[kind] ?? ''}
            autoComplete="off"
            visibilityToggleButtonProps={{ 'aria-label': `Show or hide: ${title}` }}
            onChange={({ currentTarget }) =>
              onChange({ secrets: { ...draft.secrets, [kind]: currentTarget.value } })
            }
          />
        );
      })}
    </Stack>
  );
}
