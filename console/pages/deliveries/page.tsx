import { Group, Switch } from '@mantine/core';
import { useState } from 'react';
import type { JSX } from 'react';
import { useSearchTexts } from '../../address.ts';
import { useList } from '../../api/list.ts';
import type { Row } from '../../api/list.ts';
import { useLiveList } from '../../api/live-list.ts';
import type { Column } from '../../parts/data-table.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { EndpointUrl } from '../../parts/endpoint-url.tsx';
import { useEndpointField, useEventTypeField } from '../../parts/filter-options.ts';
import { useFilters, useIsFiltered } from '../../parts/filters.ts';
import type { FilterField } from '../../parts/filters.ts';
import { Id } from '../../parts/id.tsx';
import { ListPage } from '../../parts/list-page.tsx';
import { LiveDot } from '../../parts/live-dot.tsx';
import { outcomeWords } from '../../parts/reason-words.ts';
import { useFilteredSelection } from '../../parts/selection.tsx';
import { ShortText } from '../../parts/short-text.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { Countdown, Time } from '../../parts/time.tsx';
import { BulkActions } from './bulk-actions.tsx';

type Delivery = Row<'/v1/deliveries'>;

const states = ['pending', 'retrying', 'delivered', 'dead', 'parked', 'cancelled', 'skipped'];

const textField: FilterField = {
  kind: 'text',
  name: 'text',
  label: 'Id',
  placeholder: 'dlv_… or evt_…',
};
const stateField: FilterField = { kind: 'select', name: 'state', label: 'State', options: states };
const eventField: FilterField = {
  kind: 'text',
  name: 'event_id',
  label: 'Event',
  placeholder: 'evt_…',
};
const timeField: FilterField = { kind: 'time', label: 'Made' };

const columns: readonly Column<Delivery>[] = [
  { header: 'Made', cell: ({ created_at: at }) => <Time at={at} /> },
  { header: 'Event type', cell: ({ event_type: type }) => <ShortText text={type} /> },
  {
    header: 'Endpoint',
    cell: (row) => <EndpointUrl id={row.endpoint_id} url={row.endpoint_url} />,
  },
  {
    header: 'State',
    cell: ({ state, last_reason: reason }) => <StateBadge state={state} reason={reason} />,
  },
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

/** How often what is shown may have changed, beside new rows. */
const refreshMs = 5000;

/** Every event on its way to an endpoint, newest first, as it happens. */
export function Page(): JSX.Element {
  const fields = useFields();
  const { cursor } = useSearchTexts();
  const [isWanted, setWanted] = useState(true);
  const isOn = isWanted && cursor === undefined;
  const filter = useFilters(fields);
  const list = useList('/v1/deliveries', filter, { everyMs: isOn && refreshMs });
  const selection = useFilteredSelection(filter);
  const isFiltered = useIsFiltered(fields);
  const { state, isFresh } = useLiveList('deliveries', isOn);
  return (
    <ListPage
      title="Deliveries"
      about="Each event on its way to an endpoint: up to five attempts, then it is a dead letter."
      actions={
        <Group gap="sm">
          <LiveDot state={state} />
          <Switch
            label="Follow what happens"
            checked={isOn}
            disabled={cursor !== undefined}
            onChange={({ currentTarget }) => setWanted(currentTarget.checked)}
          />
        </Group>
      }
      fields={fields}
      list={list}
      columns={columns}
      rowId={({ id }) => id}
      rowPath={({ id }) => `/deliveries/${id}`}
      isFresh={({ id }) => isFresh(id)}
      selection={selection}
      empty={<NoDeliveries />}
    >
      <BulkActions selection={selection} filter={filter} isFiltered={isFiltered} />
    </ListPage>
  );
}

function useFields(): readonly FilterField[] {
  const endpoint = useEndpointField();
  const eventType = useEventTypeField();
  const { event_id: eventId } = useSearchTexts();
  const fields = [textField, stateField, eventType, endpoint, timeField];
  // Only where a link names one: the text finds events too.
  return eventId === undefined ? fields : [...fields, eventField];
}

const publishCommand = `curl "$URL/v1/events" -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' \\
  -d '{"type": "custom.order_paid", "data": {"order": 1}}'`;

function NoDeliveries(): JSX.Element {
  return (
    <EmptyState title="No deliveries yet" command={publishCommand}>
      Publish an event that an endpoint asks for, and its delivery stands here within a second:
    </EmptyState>
  );
}
