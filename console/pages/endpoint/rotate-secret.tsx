import { Button, Group, NumberInput, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import type { JSX } from 'react';
import { answerOf, api } from '../../api/client.ts';
import { detailAt } from '../../api/problem.ts';
import { HowToVerify } from '../../parts/how-to-verify.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { SecretDialog, useSecretChange } from '../../parts/secret-dialog.tsx';
import { SecretOnce } from '../../parts/secret-once.tsx';

interface RotateProps {
  readonly endpointId: string;
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

/** A new secret; the earlier ones go on signing for a while. */
export function RotateSecret(props: RotateProps): JSX.Element {
  return (
    <SecretDialog isOpen={props.isOpen} onClose={props.onClose} title="Rotate the secret">
      <Steps {...props} />
    </SecretDialog>
  );
}

function Steps({ endpointId, onClose }: RotateProps): JSX.Element {
  // Empty while it is typed: it must not be taken for 0, which ends the earlier ones.
  const [hours, setHours] = useState<number | ''>(24);
  const rotating = useSecretChange((overlapHours: number) =>
    answerOf(
      api.POST('/v1/endpoints/{id}/secrets', {
        params: { path: { id: endpointId } },
        body: { overlap_hours: overlapHours },
      }),
    ),
  );
  if (rotating.data) {
    const { secret } = rotating.data;
    return <Rotated secret={secret} hours={rotating.variables} onClose={onClose} />;
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (hours !== '') rotating.mutate(hours);
      }}
    >
      <Stack gap="md">
        {rotating.error && <ProblemAlert error={rotating.error} />}
        <Text size="sm">
          Makes a secret beside those there are. During the overlap each request is signed with all
          of them, so that the consumer can change over at any moment in it.
        </Text>
        <NumberInput
          label="The earlier ones go on for"
          description="In hours, up to 168 (7 days). With 0 they end at once: a consumer that still uses one refuses every request"
          value={hours}
          min={0}
          max={168}
          error={detailAt(rotating.error, '/overlap_hours')}
          onChange={(value) => setHours(typeof value === 'number' ? value : '')}
        />
        <Group justify="flex-end">
          <Button variant="default" disabled={rotating.isPending} onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" disabled={hours === ''} loading={rotating.isPending}>
            Rotate
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function Rotated(props: { secret: string; hours: number; onClose: () => void }): JSX.Element {
  const { secret, hours, onClose } = props;
  return (
    <Stack gap="md" role="status">
      <SecretOnce name="The new signing secret" value={secret} />
      <Text size="sm">
        {hours === 0
          ? 'The earlier secrets sign nothing more.'
          : `The earlier secrets go on signing for ${hours} ${hours === 1 ? 'hour' : 'hours'}: give the consumer the new one until then.`}
      </Text>
      <HowToVerify />
      <Group justify="flex-end">
        <Button onClick={onClose}>I have copied it</Button>
      </Group>
    </Stack>
  );
}
