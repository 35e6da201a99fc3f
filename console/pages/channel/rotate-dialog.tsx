import {
  Button,
  Group,
  NativeSelect,
  NumberInput,
  PasswordInput,
  Stack,
  Text,
} from '@mantine/core';
import { useState } from 'react';
import type { JSX } from 'react';
import { answerOf, api } from '../../api/client.ts';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { SecretDialog, useSecretChange } from '../../parts/secret-dialog.tsx';
import { SecretOnce } from '../../parts/secret-once.tsx';
import { Time } from '../../parts/time.tsx';
import type { Answers } from '../../../src/client/index.ts';
import { isValid, secretWordsOf, senderOf } from './channel-words.ts';
import type { Integration } from './channel-words.ts';

/** The kinds of secret of a channel. */
export interface SecretKinds {
  /** Those that the integration's own way of verifying uses. */
  readonly own: readonly string[];
  readonly others: readonly string[];
}

interface RotateProps {
  readonly integration: Integration;
  readonly kinds: SecretKinds;
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

/** A new secret beside the old one, which goes on for a while. */
export function RotateDialog(props: RotateProps): JSX.Element {
  return (
    <SecretDialog isOpen={props.isOpen} onClose={props.onClose} title="Rotate a secret">
      <Steps {...props} />
    </SecretDialog>
  );
}

interface Rotated {
  readonly secret: Answers['CreatedIntegrationSecret'];
  readonly isGiven: boolean;
  /** When the earlier ones of its kind end; null when there were none. */
  readonly othersEndAt: string | null;
}

interface Wanted {
  readonly kind: string;
  readonly value: string;
  readonly overlapHours: number;
}

function Steps(props: RotateProps): JSX.Element {
  const { integration, onClose } = props;
  const rotating = useSecretChange(
    async ({ kind, value, overlapHours }: Wanted): Promise<Rotated> => {
      const hasOthers = integration.secrets.some((it) => it.kind === kind && isValid(it));
      const secret = await answerOf(
        api.POST('/v1/integrations/{id}/secrets', {
          params: { path: { id: integration.id } },
          body: { kind, overlap_s: overlapHours * 3600, ...(value !== '' && { value }) },
        }),
      );
      const endsMs = Date.parse(secret.created_at) + overlapHours * 3_600_000;
      const othersEndAt = hasOthers ? new Date(endsMs).toISOString() : null;
      return { secret, isGiven: value !== '', othersEndAt };
    },
  );
  if (rotating.data) {
    return <WhatNow integration={integration} rotated={rotating.data} onClose={onClose} />;
  }
  return (
    <Stack gap="md">
      {rotating.error && <ProblemAlert error={rotating.error} />}
      <RotateForm {...props} isPending={rotating.isPending} onRotate={rotating.mutate} />
    </Stack>
  );
}

function RotateForm(
  props: RotateProps & { isPending: boolean; onRotate: (wanted: Wanted) => void },
): JSX.Element {
  const { integration, kinds, onClose, isPending, onRotate } = props;
  const [kind, setKind] = useState(kinds.own[0] ?? '');
  const [value, setValue] = useState('');
  // Empty while it is typed: it must not be taken for 0, which ends the old one.
  const [overlapHours, setOverlapHours] = useState<number | ''>(24);
  const { title, origin, isMadeThere = false } = secretWordsOf(integration.channel, kind);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (overlapHours !== '') onRotate({ kind, value, overlapHours });
      }}
    >
      <Stack gap="md">
        <KindSelect integration={integration} kinds={kinds} kind={kind} onChange={setKind} />
        <PasswordInput
          label={`New ${title}`}
          description={origin}
          required={isMadeThere}
          value={value}
          autoComplete="off"
          visibilityToggleButtonProps={{ 'aria-label': 'Show or hide the secret' }}
          onChange={({ currentTarget }) => setValue(currentTarget.value)}
        />
        <NumberInput
          label="The old one goes on for"
          description="In hours, up to 168 (7 days). With 0 it ends at once: requests that still use it are rejected"
          value={overlapHours}
          min={0}
          max={168}
          allowDecimal={false}
          onChange={(hours) => setOverlapHours(typeof hours === 'number' ? hours : '')}
        />
        <Group justify="flex-end">
          <Button variant="default" disabled={isPending} onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" disabled={overlapHours === ''} loading={isPending}>
            Rotate
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function KindSelect(props: {
  integration: Integration;
  kinds: SecretKinds;
  kind: string;
  onChange: (kind: string) => void;
}): JSX.Element | null {
  const { integration, kinds, kind, onChange } = props;
  const all = [...kinds.own, ...kinds.others];
  if (all.length < 2) return null;
  return (
    <NativeSelect
      label="Which secret"
      value={kind}
      data={all.map((it) => ({
        value: it,
        label: labelOf(integration, kinds, it),
      }))}
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
    />
  );
}

function labelOf({ channel }: Integration, { own }: SecretKinds, kind: string): string {
  const { title } = secretWordsOf(channel, kind);
  return own.includes(kind) ? title : `${title}: for another way of verifying`;
}

function WhatNow(props: {
  integration: Integration;
  rotated: Rotated;
  onClose: () => void;
}): JSX.Element {
  const { integration, rotated, onClose } = props;
  const { secret, isGiven, othersEndAt } = rotated;
  const { title } = secretWordsOf(integration.channel, secret.kind);
  return (
    <Stack gap="md" role="status">
      {isGiven ? (
        <Text>The new secret is saved: {title}.</Text>
      ) : (
        <SecretOnce name={title} value={secret.value} />
      )}
      <Text size="sm">
        {isGiven
          ? `If ${senderOf(integration)} does not use it yet, paste it there now, as ${title}.`
          : `Now paste it at ${senderOf(integration)}, as ${title}.`}
      </Text>
      {othersEndAt !== null && (
        <Text size="sm">
          The earlier one works until <Time at={othersEndAt} isExact />. Once requests come with the
          new one alone, the list of secrets says that the earlier one is safe to drop.
        </Text>
      )}
      <Group justify="flex-end">
        <Button onClick={onClose}>{isGiven ? 'Close' : 'I have copied it'}</Button>
      </Group>
    </Stack>
  );
}
