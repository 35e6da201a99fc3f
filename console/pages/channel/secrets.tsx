import { Button, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { useState } from 'react';
import type { JSX } from 'react';
import type { ListView } from '../../api/list.ts';
import { DataTable } from '../../parts/data-table.tsx';
import type { Column } from '../../parts/data-table.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { Icon } from '../../parts/icon.tsx';
import { Badge, StateBadge } from '../../parts/state-badge.tsx';
import { Countdown, Time } from '../../parts/time.tsx';
import { isValid, secretWordsOf } from './channel-words.ts';
import type { Integration, IntegrationSecret } from './channel-words.ts';
import { RevokeDialog } from './revoke-dialog.tsx';
import { RotateDialog } from './rotate-dialog.tsx';
import type { SecretKinds } from './rotate-dialog.tsx';
import { isSchemeOf, useSchemes } from './schemes.ts';

/** The secrets of an integration: which are used, which can go, and new ones. */
export function Secrets({ integration }: { integration: Integration }): JSX.Element {
  const [isRotating, setRotating] = useState(false);
  const [revoked, setRevoked] = useState<IntegrationSecret | null>(null);
  const kinds = useKinds(integration);
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
            Rotate a secret
          </Button>
        </Group>
        <Tables integration={integration} onRevoke={setRevoked} />
      </Stack>
      <RotateDialog
        integration={integration}
        kinds={kinds}
        isOpen={isRotating}
        onClose={() => setRotating(false)}
      />
      <RevokeDialog integration={integration} secret={revoked} onClose={() => setRevoked(null)} />
    </Paper>
  );
}

function Tables(props: {
  integration: Integration;
  onRevoke: (secret: IntegrationSecret) => void;
}): JSX.Element {
  const { integration, onRevoke } = props;
  const ended = integration.secrets.filter((secret) => !isValid(secret));
  const columns = columnsOf(integration);
  const revoke: Column<IntegrationSecret> = {
    header: 'Revoke',
    cell: (secret) => (
      <Button variant="default" size="compact-xs" onClick={() => onRevoke(secret)}>
        Revoke now
      </Button>
    ),
  };
  return (
    <>
      <DataTable
        label="Valid secrets"
        list={listOf(integration.secrets.filter(isValid))}
        columns={[...columns, revoke]}
        rowId={({ id }) => id}
        empty={
          <EmptyState title="No secret is valid">
            Every request is rejected until there is one: rotate a secret.
          </EmptyState>
        }
      />
      {ended.length > 0 && (
        <details>
          <summary>{ended.length} that ended</summary>
          <DataTable
            label="Secrets that ended"
            list={listOf(ended)}
            columns={columns}
            rowId={({ id }) => id}
            empty={null}
          />
        </details>
      )}
    </>
  );
}

/** Until the API has told: the kinds that it has. */
function useKinds(integration: Integration): SecretKinds {
  const schemes = useSchemes(integration.channel);
  const had = integration.secrets.map(({ kind }) => kind);
  const own = schemes.find((it) => isSchemeOf(integration, it))?.kinds ?? [...new Set(had)];
  const all = new Set(schemes.flatMap(({ kinds }) => kinds));
  return { own, others: [...all].filter((kind) => !own.includes(kind)) };
}

function listOf(rows: readonly IntegrationSecret[]): ListView<IntegrationSecret> {
  return { rows, problem: null, isFetching: false, retry: () => undefined };
}

function columnsOf({ channel }: Integration): readonly Column<IntegrationSecret>[] {
  return [
    { header: 'Secret', cell: ({ kind }) => secretWordsOf(channel, kind).title },
    { header: 'State', cell: ({ state }) => <StateBadge state={state} /> },
    { header: 'Made', cell: ({ created_at: at }) => <Time at={at} /> },
    { header: 'Ends', cell: (secret) => <End secret={secret} /> },
    {
      header: 'Verified',
      cell: ({ used_count: count }) => count.toLocaleString('en'),
      isNumber: true,
    },
    {
      header: 'Last used',
      cell: ({ last_used_at: at }) => (at === null ? 'never' : <Time at={at} />),
    },
    { header: 'Can it go?', cell: (secret) => <Verdict secret={secret} /> },
  ];
}

function End({ secret }: { secret: IntegrationSecret }): JSX.Element {
  const { expires_at: at } = secret;
  if (at === null) return <>{secret.state === 'revoked' ? '–' : 'never'}</>;
  return isValid(secret) ? <Countdown to={at} /> : <Time at={at} />;
}

/** Whether it can be dropped without an outage, as the API says it. */
function Verdict({ secret }: { secret: IntegrationSecret }): JSX.Element {
  const { safe_to_drop: isSafe, safe_to_drop_reason: reason } = secret;
  if (isSafe === null) return <>{isValid(secret) ? 'No: the newest of its kind' : '–'}</>;
  return (
    <Stack gap={2} align="flex-start">
      <Badge tone={isSafe ? 'good' : 'warn'} icon={isSafe ? 'check' : 'alert'}>
        {isSafe ? 'safe to drop' : 'not yet'}
      </Badge>
      {reason !== null && <Text size="xs">{reason}</Text>}
    </Stack>
  );
}
