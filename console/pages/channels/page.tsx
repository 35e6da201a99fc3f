import { Button, Group, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import type { JSX } from 'react';
import { useList } from '../../api/list.ts';
import type { Row } from '../../api/list.ts';
import { channelOptions, channelTitle } from '../../parts/channels.ts';
import { CopyButton } from '../../parts/copy-button.tsx';
import type { Column } from '../../parts/data-table.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { useFilters } from '../../parts/filters.ts';
import type { FilterField } from '../../parts/filters.ts';
import { Icon } from '../../parts/icon.tsx';
import { shortId } from '../../parts/id.tsx';
import { ListPage } from '../../parts/list-page.tsx';
import { Badge, StateBadge } from '../../parts/state-badge.tsx';
import { Time } from '../../parts/time.tsx';
import { visibleLine } from '../../parts/visible-text.ts';
import { isValid, lastUseOf, nameOf, schemeTitle } from '../channel/channel-words.ts';
import { ConnectDialog } from './connect-dialog.tsx';

type Integration = Row<'/v1/integrations'>;

const fields: readonly FilterField[] = [
  { kind: 'select', name: 'channel', label: 'Channel', options: channelOptions },
];

const columns: readonly Column<Integration>[] = [
  { header: 'Integration', cell: (integration) => visibleLine(nameOf(integration)) },
  { header: 'Channel', cell: ({ channel }) => channelTitle(channel) },
  { header: 'Verified by', cell: schemeTitle },
  { header: 'State', cell: ({ state }) => <StateBadge state={state} /> },
  { header: 'Address', cell: ({ url }) => <Address url={url} /> },
  { header: 'Secrets', cell: (integration) => <SecretCount integration={integration} /> },
  {
    header: 'Last used',
    cell: (integration) => {
      const at = lastUseOf(integration);
      return at === null ? 'never' : <Time at={at} />;
    },
  },
];

/** The tenant's integrations: what each provider sends to, and how it is verified. */
export function Page(): JSX.Element {
  const [isConnecting, setConnecting] = useState(false);
  const list = useList('/v1/integrations', useFilters(fields));
  const connect = (
    <Button leftSection={<Icon name="plus" size={14} />} onClick={() => setConnecting(true)}>
      Connect a channel
    </Button>
  );
  return (
    <>
      <ListPage
        title="Channels"
        about="What sends to us: each integration has an address of its own, secrets, and a way of verifying."
        actions={connect}
        fields={fields}
        list={list}
        columns={columns}
        rowId={({ id }) => id}
        rowPath={({ id }) => `/integrations/webhooks/channels/${id}`}
        empty={
          <EmptyState title="Nothing is connected yet" command="npm start -- setup">
            Connect a channel above, or let the setup make one of each:
          </EmptyState>
        }
      />
      <ConnectDialog isOpen={isConnecting} onClose={() => setConnecting(false)} />
    </>
  );
}

/** Its end, which tells integrations apart; the whole is copied. */
function Address({ url }: { url: string }): JSX.Element {
  const [channel = '', id = ''] = url.split('/').slice(-2);
  return (
    <Group gap={4} wrap="nowrap">
      <code title={url} style={{ whiteSpace: 'nowrap' }}>
        …/{visibleLine(channel)}/{shortId(id)}
      </code>
      <CopyButton text={url} what="the address" />
    </Group>
  );
}

function SecretCount({ integration }: { integration: Integration }): JSX.Element {
  const valid = integration.secrets.filter(isValid);
  const expiring = valid.filter(({ state }) => state === 'expiring').length;
  return (
    <Stack gap={2} align="flex-start">
      <Text size="sm">{valid.length === 0 ? 'none is valid' : `${valid.length} valid`}</Text>
      {expiring > 0 && (
        <Badge tone="warn" icon="clock">
          {`${expiring} expiring`}
        </Badge>
      )}
    </Stack>
  );
}
