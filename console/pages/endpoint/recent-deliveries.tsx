import { Group, Paper, Stack, Title } from '@mantine/core';
import type { JSX } from 'react';
import { viewOf } from '../../api/list.ts';
import type { Row } from '../../api/list.ts';
import { useRead } from '../../api/read.ts';
import { AppLink } from '../../parts/app-link.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import type { Column } from '../../parts/data-table.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { Id } from '../../parts/id.tsx';
import { outcomeWords } from '../../parts/reason-words.ts';
import { ShortText } from '../../parts/short-text.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { Countdown, Time } from '../../parts/time.tsx';
import { deliveriesPath } from './endpoint.ts';

const columns: readonly Column<Row<'/v1/deliveries'>>[] = [
  { header: 'Made', cell: ({ created_at: at }) => <Time at={at} /> },
  { header: 'Event type', cell: ({ event_type: type }) => <ShortText text={type} /> },
  { header: 'State', cell: ({ state }) => <StateBadge state={state} /> },
  { header: 'Attempts', cell: ({ attempt_count: count }) => count, isNumber: true },
  {
    header: 'Last',
    cell: (row) => <ShortText text={outcomeWords(row.last_status, row.last_reason)} />,
  },
  {
    header: 'Next attempt',
    cell: ({ next_attempt_at: at }) => (at === null ? '–' : <Countdown to={at} />),
  },
  { header: 'Delivery', cell: ({ id }) => <Id id={id} /> },
];

/** The newest deliveries of an endpoint. */
export function RecentDeliveries({ endpointId }: { endpointId: string }): JSX.Element {
  const deliveries = useRead('/v1/deliveries', {
    query: { endpoint_id: endpointId, limit: '10' },
    everyMs: 5000,
  });
  return (
    <Paper component="section" withBorder p="md" aria-labelledby="deliveries">
      <Stack gap="sm">
        <Group justify="space-between">
          <Title order={2} id="deliveries">
            Recent deliveries
          </Title>
          <Group gap="sm" component="nav" aria-label="Its deliveries by state">
            <AppLink to={deliveriesPath(endpointId)}>All its deliveries</AppLink>
            <AppLink to={deliveriesPath(endpointId, 'pending')}>Pending</AppLink>
            <AppLink to={deliveriesPath(endpointId, 'retrying')}>Retrying</AppLink>
            <AppLink to={deliveriesPath(endpointId, 'parked')}>Parked</AppLink>
          </Group>
        </Group>
        <DataTable
          label="Recent deliveries"
          list={viewOf(deliveries, ({ data }) => data)}
          columns={columns}
          rowId={({ id }) => id}
          rowPath={({ id }) => `/deliveries/${id}`}
          empty={
            <EmptyState title="Nothing was sent here yet">
              The next event of a type that it asks for comes here. To try it now, send a test event
              below.
            </EmptyState>
          }
        />
      </Stack>
    </Paper>
  );
}
