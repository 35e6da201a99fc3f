import { Button, Group, NumberInput, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import type { JSX } from 'react';
import { answerOf, api } from '../../api/client.ts';
import { detailAt } from '../../api/problem.ts';
import type { Row } from '../../api/list.ts';
import { Copyable } from '../../parts/copyable.tsx';
import { HowToVerify } from '../../parts/how-to-verify.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { SecretDialog, useSecretChange } from '../../parts/secret-dialog.tsx';
import { SecretOnce } from '../../parts/secret-once.tsx';
import type { Answers } from '../../../src/client/index.ts';

export type Secret = Row<'/v1/endpoints/{id}/secrets'>;

interface RotateProps {
  readonly endpointId: string;
  readonly kind: Secret['kind'];
  /** Whether one of its kind is valid, which then ends. */
  readonly isAnother: boolean;
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

/** A new secret; the earlier ones of its kind go on signing for a while. */
export function RotateSecret(props: RotateProps): JSX.Element {
  const { isOpen, onClose } = props;
  return (
    <SecretDialog isOpen={isOpen} onClose={onClose} title={rotateWords(props)}>
      <Steps {...props} />
    </SecretDialog>
  );
}

/** What its button says too. */
export function rotateWords({ kind, isAnother }: Pick<RotateProps, 'kind' | 'isAnother'>): string {
  if (kind === 'hmac') return 'Rotate the secret';
  return isAnother ? 'Rotate the Ed25519 key' : 'Add an Ed25519 key';
}

function Steps({ endpointId, kind, isAnother, onClose }: RotateProps): JSX.Element {
  const rotating = useSecretChange((overlapHours: number) =>
    answerOf(
      api.POST('/v1/endpoints/{id}/secrets', {
        params: { path: { id: endpointId } },
        body: { kind, overlap_hours: overlapHours },
      }),
    ),
  );
  const { data, variables = 0 } = rotating;
  if (data) {
    const hours = isAnother ? variables : undefined;
    return <Rotated made={data} hours={hours} onClose={onClose} />;
  }
  return (
    <Question
      kind={kind}
      isAnother={isAnother}
      error={rotating.error}
      isPending={rotating.isPending}
      onRotate={rotating.mutate}
      onClose={onClose}
    />
  );
}

interface QuestionProps extends Pick<RotateProps, 'kind' | 'isAnother' | 'onClose'> {
  readonly error: Error | null;
  readonly isPending: boolean;
  readonly onRotate: (overlapHours: number) => void;
}

function Question(props: QuestionProps): JSX.Element {
  const { kind, isAnother, error, isPending, onRotate, onClose } = props;
  // Empty while it is typed: it must not be taken for 0, which ends the earlier ones.
  const [hours, setHours] = useState<number | ''>(24);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (hours !== '') onRotate(hours);
      }}
    >
      <Stack gap="md">
        {error && <ProblemAlert error={error} />}
        <Text size="sm">{kind === 'hmac' ? sharedWords : keyWords}</Text>
        {isAnother && (
          <NumberInput
            label="The earlier ones go on for"
            description="In hours, up to 168 (7 days). With 0 they end at once: a consumer that still uses one refuses every request"
            value={hours}
            min={0}
            max={168}
            error={detailAt(error, '/overlap_hours')}
            onChange={(value) => setHours(typeof value === 'number' ? value : '')}
          />
        )}
        <Group justify="flex-end">
          <Button variant="default" disabled={isPending} onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" disabled={hours === ''} loading={isPending}>
            {isAnother ? 'Rotate' : 'Add the key'}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

const sharedWords =
  'Makes a secret beside those there are. During the overlap each request is signed with all of them, so that the consumer can change over at any moment in it.';

const keyWords =
  'Makes a pair of keys. The private key stays here; the consumer verifies with the public key, which is no secret. Requests keep the signatures of the shared secret too.';

function Rotated(props: {
  made: Answers['CreatedEndpointSecret'];
  /** How long earlier ones of its kind go on; undefined where there are none. */
  hours: number | undefined;
  onClose: () => void;
}): JSX.Element {
  const { made, hours, onClose } = props;
  const { secret, public_key: publicKey } = made;
  return (
    <Stack gap="md" role="status">
      {secret !== null && <SecretOnce name="The new signing secret" value={secret} />}
      {publicKey !== null && <PublicKey text={publicKey} />}
      {hours !== undefined && <Text size="sm">{overlapWords(hours)}</Text>}
      {secret !== null && <HowToVerify />}
      <Group justify="flex-end">
        <Button onClick={onClose}>{secret === null ? 'Done' : 'I have copied it'}</Button>
      </Group>
    </Stack>
  );
}

function PublicKey({ text }: { text: string }): JSX.Element {
  return (
    <Stack gap="xs">
      <Text size="sm" fw={600}>
        The public key, for the consumer
      </Text>
      <Copyable text={text} what="the public key" />
      <Text size="sm">
        It verifies <code>v1a,</code> in <code>webhook-signature</code>: an Ed25519 signature of{' '}
        <code>{'<webhook-id>.<webhook-timestamp>.<body>'}</code>. It stays in the list of secrets.
      </Text>
    </Stack>
  );
}

function overlapWords(hours: number): string {
  if (hours === 0) return 'The earlier ones sign nothing more.';
  const until = `${hours} ${hours === 1 ? 'hour' : 'hours'}`;
  return `The earlier ones go on signing for ${until}: give the consumer the new one until then.`;
}
