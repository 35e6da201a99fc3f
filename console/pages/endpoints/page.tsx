import { Button, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import type { JSX } from 'react';
import { useList } from '../../api/list.ts';
import type { Row } from '../../api/list.ts';
import type { Column } from '../../parts/data-table.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { EndpointUrl } from '../../parts/endpoint-url.tsx';
import { useFilters } from '../../parts/filters.ts';
import type { FilterField } from '../../parts/filters.ts';
import { healthWords, percentWords } from '../../parts/health-words.ts';
import { Icon } from '../../parts/icon.tsx';
import { ListPage } from '../../parts/list-page.tsx';
import { reasonWords } from '../../parts/reason-words.ts';
import { ShortText } from '../../parts/short-text.tsx';
import { Badge, StateBadge } from '../../parts/state-badge.tsx';
import { Time } from '../../parts/time.tsx';
import { visibleLine } from '../../parts/visible-text.ts';
import { CreateEndpoint } from './create-endpoint.tsx';
import { FailingStage } from './failing-stage.tsx';

type Endpoint = Row<'/v1/endpoints'>;

const fields: readonly FilterField[] = [
  { kind: 'text', name: 'text', label: 'Text', placeholder: 'URL, description, id' },
  { kind: 'select', name: 'state', label: 'State', options: ['enabled', 'paused', 'disabled'] },
  { kind: 'select', name: 'health', label: 'Health', options: ['failing'] },
];

const columns: readonly Column<Endpoint>[] = [
  { header: 'URL', cell: (endpoint) => <Name endpoint={endpoint} /> },
  {
    header: 'Event types',
    cell: ({ event_types: types }) => <EventTypes types={types} />,
  },
  {
    header: 'State',
    cell: ({ state, state_reason: reason }) => (
      <StateBadge state={state} reason={reason && reasonWords(reason)} />
    ),
  },
  { header: 'Held', cell: ({ held }) => held.toLocaleString('en'), isNumber: true },
  { header: 'Health, 24 h', cell: (endpoint) => <Health endpoint={endpoint} /> },
  { header: 'Newest failed', cell: ({ recent }) => <Time at={recent.last_failed_at} /> },
];

/** The customers' URLs that get events. */
export function Page(): JSX.Element {
  const list = useList('/v1/endpoints', useFilters(fields), { everyMs: 10_000 });
  const [isCreating, setCreating] = useState(false);
  const create = (
    <Button
      size="xs"
      leftSection={<Icon name="plus" size={14} />}
      onClick={() => setCreating(true)}
    >
      New endpoint
    </Button>
  );
  return (
    <>
      <ListPage
        title="Endpoints"
        about="The URLs that get events, each with its own secret."
        actions={create}
        fields={fields}
        list={list}
        columns={columns}
        rowId={({ id }) => id}
        rowPath={({ id }) => `/integrations/webhooks/endpoints/${id}`}
        empty={<NoEndpoints />}
      />
      <CreateEndpoint isOpen={isCreating} onClose={() => setCreating(false)} />
    </>
  );
}

function Name({ endpoint: { id, url, description } }: { endpoint: Endpoint }): JSX.Element {
  return (
    <>
      <EndpointUrl id={id} url={url} isPlain />
      {description !== null && (
        <Text size="xs" c="dimmed" component="span" display="block">
          {visibleLine(description).slice(0, 80)}
        </Text>
      )}
    </>
  );
}

/** As many as fit; the rest are on its page. */
const typesShown = 3;

function EventTypes({ types }: { types: readonly string[] }): JSX.Element {
  const rest = types.length - typesShown;
  const shown = types.slice(0, typesShown).join(', ');
  return <ShortText text={rest > 0 ? `${shown} and ${rest} more` : shown} />;
}

/** How badly it fails; without that, of its newest deliveries that have an outcome. */
function Health({ endpoint: { recent, stage } }: { endpoint: Endpoint }): JSX.Element {
  const { delivered, retrying, dead } = recent;
  const count = delivered + retrying + dead;
  const rate = count === 0 ? null : delivered / count;
  const { words, tone } = healthWords(rate);
  return (
    <Stack gap={0} align="flex-start">
      {stage === 0 ? <Badge tone={tone}>{words}</Badge> : <FailingStage stage={stage} />}
      {rate !== null && (
        <Text size="xs" c="dimmed">
          {percentWords(rate)} of the last {count}
        </Text>
      )}
    </Stack>
  );
}

const createCommand = `curl "$URL/v1/endpoints" -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' \\
  -d '{"url": "https://example.com/hooks", "event_types": ["session.*"]}'`;

function NoEndpoints(): JSX.Element {
  return (
    <EmptyState title="No endpoints yet" command={createCommand}>
      An endpoint is a URL of a customer with the event types it asks for. Make one with “New
      endpoint”, or by the API:
    </EmptyState>
  );
}
