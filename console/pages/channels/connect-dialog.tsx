import { Button, Group, NativeSelect, Skeleton, Stack, Text } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { JSX } from 'react';
import { answerOf, api } from '../../api/client.ts';
import { useRead } from '../../api/read.ts';
import { channelNames, channelOptions } from '../../parts/channels.ts';
import { Copyable } from '../../parts/copyable.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { SecretDialog, useSecretChange } from '../../parts/secret-dialog.tsx';
import { SecretOnce } from '../../parts/secret-once.tsx';
import type { Answers } from '../../../src/client/index.ts';
import { schemeTitle, secretWordsOf, senderOf } from '../channel/channel-words.ts';
import type { Scheme } from '../channel/schemes.ts';
import { ConnectFields } from './connect-fields.tsx';
import { emptyDraft, isComplete, schemesOf, toBody } from './connect-form.ts';
import type { ConnectDraft } from './connect-form.ts';

/** Connects a channel: what it is, how it verifies, its secrets; then shows them once. */
export function ConnectDialog(props: { isOpen: boolean; onClose: () => void }): JSX.Element {
  return (
    <SecretDialog isOpen={props.isOpen} onClose={props.onClose} title="Connect a channel">
      <Steps onClose={props.onClose} />
    </SecretDialog>
  );
}

function Steps({ onClose }: { onClose: () => void }): JSX.Element {
  const channels = useRead('/v1/channels');
  const [draft, setDraft] = useState(emptyDraft);
  const scheme = schemesOf(channels.data?.data, draft.channel)[draft.schemeIndex];
  const making = useSecretChange((chosen: Scheme) =>
    answerOf(api.POST('/v1/integrations', { body: toBody(draft, chosen) })),
  );
  if (making.data) return <Connected integration={making.data} draft={draft} />;
  if (channels.error) return <ProblemAlert error={channels.error} />;
  if (!channels.data || !scheme) return <Skeleton height={240} aria-label="Loading" />;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        making.mutate(scheme);
      }}
    >
      <Stack gap="md">
        {making.error && <ProblemAlert error={making.error} />}
        <Kind
          draft={draft}
          schemes={schemesOf(channels.data.data, draft.channel)}
          onChange={setDraft}
        />
        <ConnectFields
          draft={draft}
          scheme={scheme}
          onChange={(changes) => setDraft({ ...draft, ...changes })}
        />
        <Group justify="flex-end">
          <Button variant="default" disabled={making.isPending} onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" disabled={!isComplete(draft, scheme)} loading={making.isPending}>
            Connect
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function Kind(props: {
  draft: ConnectDraft;
  schemes: readonly Scheme[];
  onChange: (draft: ConnectDraft) => void;
}): JSX.Element {
  const { draft, schemes, onChange } = props;
  return (
    <>
      <NativeSelect
        label="Channel"
        value={draft.channel}
        data={channelOptions}
        onChange={({ currentTarget: { value } }) => {
          const channel = channelNames.find((name) => name === value) ?? draft.channel;
          onChange({ ...draft, channel, schemeIndex: 0, secrets: {} });
        }}
      />
      <NativeSelect
        label="Verified by"
        description="The first one is the usual one; the platform’s scheme is for a relay of yours in front"
        value={String(draft.schemeIndex)}
        data={schemes.map((scheme, index) => ({
          value: String(index),
          label: schemeTitle(scheme),
        }))}
        onChange={({ currentTarget: { value } }) =>
          onChange({ ...draft, schemeIndex: Number(value), secrets: {} })
        }
      />
    </>
  );
}

function Connected(props: {
  integration: Answers['CreatedIntegration'];
  draft: ConnectDraft;
}): JSX.Element {
  const { integration, draft } = props;
  const navigate = useNavigate();
  const made = integration.secrets.filter(({ kind }) => (draft.secrets[kind] ?? '') === '');
  return (
    <Stack gap="md">
      <div>
        <Text fw={600}>It is connected. Its address:</Text>
        <Copyable text={integration.url} what="the address" />
      </div>
      {made.map(({ id, kind, value }) => (
        <SecretOnce key={id} name={secretWordsOf(integration.channel, kind).title} value={value} />
      ))}
      <Text size="sm">Its page has the steps for {senderOf(integration)}, and a signed test.</Text>
      <Group justify="flex-end">
        <Button
          onClick={() => void navigate({ to: `/integrations/webhooks/channels/${integration.id}` })}
        >
          {made.length > 0 ? 'I have copied it: go to its page' : 'Go to its page'}
        </Button>
      </Group>
    </Stack>
  );
}
