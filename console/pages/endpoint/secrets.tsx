import { Button, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { useState } from 'react';
import type { JSX } from 'react';
import { viewOf } from '../../api/list.ts';
import type { Row } from '../../api/list.ts';
import { useRead } from '../../api/read.ts';
import { DataTable } from '../../parts/data-table.tsx';
import type { Column } from '../../parts/data-table.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { Icon } from '../../parts/icon.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { Countdown, Time } from '../../parts/time.tsx';
import { useNow } from '../../parts/use-now.ts';
import { RotateSecret } from './rotate-secret.tsx';

type Secret = Row<'/v1/endpoints/{id}/secrets'>;

const columns: readonly Column<Secret>[] = [
  { header: 'Made', cell: ({ created_at: at }) => <Time at={at} isExact /> },
  { header: 'State', cell: (secret) => <State secret={secret} /> },
  { header: 'Signs until', cell: ({ expires_at: at }) => <End at={at} /> },
  { header: 'Secret', cell: ({ id }) => <code>{id}</code> },
];

/** The secrets of an endpoint, never their values, and a new one. */
export function Secrets({ endpointId }: { endpointId: string }): JSX.Element {
  const [isRotating, setRotating] = useState(false);
  const secrets = useRead('/v1/endpoints/{id}/secrets', { id: endpointId });
  return (
    <Paper component="section" withBorder p="md" aria-labelledby="secrets">
      <Stack gap="sm">
        <Group justify="space-between">
          <Title order={2} id="secrets">
            Secrets
          </Title>
          <Button
            size="xs"
            leftSection={<Icon name="key" size={14} />}
            onClick={() => setRotating(true)}
          >
            Rotate the secret
          </Button>
        </Group>
        <Text size="sm" c="dimmed">
          Each request carries one signature per valid secret.
        </Text>
        <DataTable
          label="Secrets"
          list={viewOf(secrets, ({ data }) => data)}
          columns={columns}
          rowId={({ id }) => id}
          empty={<EmptyState title="No secret">Rotate to make one.</EmptyState>}
        />
      </Stack>
      <RotateSecret
        endpointId={endpointId}
        isOpen={isRotating}
        onClose={() => setRotating(false)}
      />
    </Paper>
  );
}

function State({ secret: { expires_at: at } }: { secret: Secret }): JSX.Element {
  const now = useNow(1000);
  if (at === null) return <StateBadge state="active" />;
  return <StateBadge state={Date.parse(at) > now ? 'expiring' : 'expired'} />;
}

function End({ at }: { at: string | null }): JSX.Element {
  const now = useNow(1000);
  if (at === null) return <>it is replaced</>;
  return Date.parse(at) > now ? <Countdown to={at} /> : <Time at={at} />;
}
