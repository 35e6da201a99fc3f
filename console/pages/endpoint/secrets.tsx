import { Button, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { useState } from 'react';
import type { JSX } from 'react';
import { viewOf } from '../../api/list.ts';
import { useRead } from '../../api/read.ts';
import { Copyable } from '../../parts/copyable.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import type { Column } from '../../parts/data-table.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { Icon } from '../../parts/icon.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { Countdown, Time } from '../../parts/time.tsx';
import { useNow } from '../../parts/use-now.ts';
import { EndSecret } from './end-secret.tsx';
import { RotateSecret, rotateWords } from './rotate-secret.tsx';
import type { Secret } from './rotate-secret.tsx';

const kindWords = { hmac: 'Shared secret', ed25519: 'Ed25519 key' } as const;

const kinds = ['hmac', 'ed25519'] as const;

const columns: readonly Column<Secret>[] = [
  { header: 'Kind', cell: ({ kind }) => kindWords[kind] },
  { header: 'State', cell: (secret) => <State secret={secret} /> },
  { header: 'Made', cell: ({ created_at: at }) => <Time at={at} isExact /> },
  { header: 'Signs until', cell: ({ expires_at: at }) => <End at={at} /> },
  { header: 'Secret', cell: ({ id }) => <code>{id}</code> },
  { header: 'Public key', cell: ({ public_key: key }) => <PublicKey text={key} /> },
];

/** The secrets of an endpoint, never their values; new ones, and the end of one. */
export function Secrets({ endpointId }: { endpointId: string }): JSX.Element {
  const [ended, setEnded] = useState<string | null>(null);
  const secrets = useRead('/v1/endpoints/{id}/secrets', { id: endpointId });
  const end: Column<Secret> = {
    header: 'End',
    cell: (secret) => <EndButton secret={secret} onEnd={() => setEnded(secret.id)} />,
  };
  return (
    <Paper component="section" withBorder p="md" aria-labelledby="secrets">
      <Stack gap="sm">
        <Group justify="space-between">
          <Title order={2} id="secrets">
            Secrets
          </Title>
          <Group gap="xs">
            {kinds.map((kind) => (
              <Rotate
                key={kind}
                endpointId={endpointId}
                kind={kind}
                secrets={secrets.data?.data ?? []}
              />
            ))}
          </Group>
        </Group>
        <Text size="sm" c="dimmed">
          Each request carries a signature of each valid secret and key.
        </Text>
        <DataTable
          label="Secrets"
          list={viewOf(secrets, ({ data }) => data)}
          columns={[...columns, end]}
          rowId={({ id }) => id}
          empty={<EmptyState title="No secret">Rotate to make one.</EmptyState>}
        />
      </Stack>
      <EndSecret endpointId={endpointId} secretId={ended} onClose={() => setEnded(null)} />
    </Paper>
  );
}

function Rotate(props: {
  endpointId: string;
  kind: Secret['kind'];
  secrets: readonly Secret[];
}): JSX.Element {
  const { endpointId, kind, secrets } = props;
  // As it was when the dialog opened: what is made in it is not another one.
  const [isAnother, setAnother] = useState(false);
  const [isOpen, setOpen] = useState(false);
  const now = useNow(1000);
  const hasOne = secrets.some((secret) => secret.kind === kind && isValid(secret, now));
  return (
    <>
      <Button
        size="xs"
        variant={kind === 'hmac' ? 'filled' : 'default'}
        leftSection={<Icon name="key" size={14} />}
        onClick={() => {
          setAnother(hasOne);
          setOpen(true);
        }}
      >
        {rotateWords({ kind, isAnother: hasOne })}
      </Button>
      <RotateSecret
        endpointId={endpointId}
        kind={kind}
        isAnother={isAnother}
        isOpen={isOpen}
        onClose={() => setOpen(false)}
      />
    </>
  );
}

function isValid({ expires_at: at }: Secret, now: number): boolean {
  return at === null || Date.parse(at) > now;
}

function EndButton({ secret, onEnd }: { secret: Secret; onEnd: () => void }): JSX.Element {
  const now = useNow(1000);
  if (!isValid(secret, now)) return <>–</>;
  return (
    <Button
      variant="default"
      size="compact-xs"
      aria-label={`End now: ${secret.id}`}
      onClick={onEnd}
    >
      End now
    </Button>
  );
}

function PublicKey({ text }: { text: string | null }): JSX.Element {
  return text === null ? <>–</> : <Copyable text={text} what="the public key" />;
}

function State({ secret }: { secret: Secret }): JSX.Element {
  const now = useNow(1000);
  if (secret.expires_at === null) return <StateBadge state="active" />;
  return <StateBadge state={isValid(secret, now) ? 'expiring' : 'expired'} />;
}

function End({ at }: { at: string | null }): JSX.Element {
  const now = useNow(1000);
  if (at === null) return <>it is replaced</>;
  return Date.parse(at) > now ? <Countdown to={at} /> : <Time at={at} />;
}
