import { Button, Group, Stack, Text } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { JSX } from 'react';
import { answerOf, api } from '../../api/client.ts';
import { HowToVerify } from '../../parts/how-to-verify.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { SecretDialog, useSecretChange } from '../../parts/secret-dialog.tsx';
import { SecretOnce } from '../../parts/secret-once.tsx';
import { pathOfId } from '../../id-path.ts';
import type { Answers } from '../../../src/client/index.ts';
import { EndpointFields } from './endpoint-fields.tsx';
import type { EndpointDraft } from './endpoint-fields.tsx';

/** A new endpoint: its settings, then its secret, then its page. */
export function CreateEndpoint(props: { isOpen: boolean; onClose: () => void }): JSX.Element {
  return (
    <SecretDialog isOpen={props.isOpen} onClose={props.onClose} title="New endpoint">
      <Steps onClose={props.onClose} />
    </SecretDialog>
  );
}

function Steps({ onClose }: { onClose: () => void }): JSX.Element {
  const making = useSecretChange(({ url, description, types }: EndpointDraft) =>
    answerOf(
      api.POST('/v1/endpoints', {
        body: {
          url: url.trim(),
          event_types: [...types],
          ...(description.trim() !== '' && { description: description.trim() }),
        },
      }),
    ),
  );
  if (making.data) return <Made endpoint={making.data} />;
  return (
    <Form
      error={making.error}
      isPending={making.isPending}
      onMake={making.mutate}
      onClose={onClose}
    />
  );
}

function Form(props: {
  error: Error | null;
  isPending: boolean;
  onMake: (draft: EndpointDraft) => void;
  onClose: () => void;
}): JSX.Element {
  const { error, isPending, onMake, onClose } = props;
  const [draft, setDraft] = useState<EndpointDraft>({ url: '', description: '', types: [] });
  const change = (changes: Partial<EndpointDraft>): void => setDraft({ ...draft, ...changes });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        onMake(draft);
      }}
    >
      <Stack gap="md">
        {error && <ProblemAlert error={error} />}
        <EndpointFields draft={draft} error={error} onChange={change} />
        <Group justify="flex-end">
          <Button variant="default" disabled={isPending} onClick={onClose}>
            Cancel
          </Button>
          <Button
            type="submit"
            loading={isPending}
            disabled={draft.url.trim() === '' || draft.types.length === 0}
          >
            Make the endpoint
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function Made({ endpoint }: { endpoint: Answers['CreatedEndpoint'] }): JSX.Element {
  const navigate = useNavigate();
  return (
    <Stack gap="md" role="status">
      <Text size="sm">
        The endpoint is made and enabled: from now on it gets the events it asks for. Its page has
        the rest: filter, headers, auth, schedule, limits.
      </Text>
      <SecretOnce name="The signing secret" value={endpoint.secret} />
      <HowToVerify />
      <Group justify="flex-end">
        <Button onClick={() => void navigate({ to: pathOfId(endpoint.id) ?? '/' })}>
          I have copied it: go to the endpoint
        </Button>
      </Group>
    </Stack>
  );
}
