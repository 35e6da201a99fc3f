import { Group, Switch } from '@mantine/core';
import type { JSX } from 'react';
import { useSearchTexts, useSetSearch } from '../../address.ts';
import { useList } from '../../api/list.ts';
import type { Row } from '../../api/list.ts';
import { useLiveList } from '../../api/live-list.ts';
import type { LiveState } from '../../api/live.ts';
import { channelOptions } from '../../parts/channels.ts';
import type { Column } from '../../parts/data-table.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { useFilters } from '../../parts/filters.ts';
import type { FilterField } from '../../parts/filters.ts';
import { Id } from '../../parts/id.tsx';
import { ListPage } from '../../parts/list-page.tsx';
import { LiveDot } from '../../parts/live-dot.tsx';
import { sizeWords } from '../../parts/size-words.ts';
import { Time } from '../../parts/time.tsx';
import { visibleLine } from '../../parts/visible-text.ts';

type ListedEvent = Row<'/v1/events'>;

const fields: readonly FilterField[] = [
  {
    kind: 'select',
    name: 'direction',
    label: 'Direction',
    options: [
      { value: 'inbound', label: 'In' },
      { value: 'outbound', label: 'Out' },
    ],
  },
  {
    kind: 'select',
    name: 'source',
    label: 'Source',
    options: [...channelOptions, { value: 'platform', label: 'The platform itself' }],
  },
  { kind: 'text', name: 'type', label: 'Type', placeholder: 'pull_request or session.*' },
  {
    kind: 'select',
    name: 'state',
    label: 'State',
    options: [{ value: 'failed', label: 'Has a dead letter' }],
  },
  { kind: 'time' },
  {
    kind: 'text',
    name: 'text',
    label: 'Id',
    placeholder: 'evt_…, its beginning, or the sender’s delivery id',
  },
  { kind: 'text', name: 'integration_id', label: 'Channel’s id', placeholder: 'int_…' },
];

const columns: readonly Column<ListedEvent>[] = [
  { header: 'When', cell: ({ received_at }) => <Time at={received_at} /> },
  { header: 'Direction', cell: ({ direction }) => (direction === 'inbound' ? 'in' : 'out') },
  { header: 'Source', cell: ({ source }) => visibleLine(source) },
  { header: 'Type', cell: ({ type }) => visibleLine(type) },
  { header: 'Id', cell: ({ id }) => <Id id={id} /> },
  { header: 'Size', cell: ({ body_bytes }) => sizeWords(body_bytes), isNumber: true },
];

/** What senders posted and what the platform published, newest first, as it happens. */
export function Page(): JSX.Element {
  const { cursor, live } = useSearchTexts();
  const list = useList('/v1/events', useFilters(fields));
  const isFirst = cursor === undefined;
  const { state, isFresh } = useLiveList('events', isFirst && live !== 'off');
  return (
    <ListPage
      title="Events"
      about="What senders posted and was verified, and what the platform published."
      actions={<LiveSwitch state={state} isFirst={isFirst} />}
      fields={fields}
      list={list}
      columns={columns}
      rowId={({ id }) => id}
      rowPath={({ id }) => `/events/${id}`}
      isFresh={({ id }) => isFresh(id)}
      empty={
        <EmptyState title="No events yet" command="npx durahook send github pull_request">
          Nothing was received or published. Send a signed sample:
        </EmptyState>
      }
    />
  );
}

/** Only the first page can grow at its top. */
function LiveSwitch({ state, isFirst }: { state: LiveState; isFirst: boolean }): JSX.Element {
  const { live } = useSearchTexts();
  const setSearch = useSetSearch();
  return (
    <Group gap="xs">
      <LiveDot state={state} />
      <Switch
        size="sm"
        label="Follow new events"
        checked={isFirst && live !== 'off'}
        disabled={!isFirst}
        onChange={({ currentTarget }) =>
          setSearch({ live: currentTarget.checked ? undefined : 'off' }, { replace: true })
        }
      />
    </Group>
  );
}
