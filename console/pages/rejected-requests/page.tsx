import { Button, Text } from '@mantine/core';
import { useState } from 'react';
import type { JSX } from 'react';
import { useList } from '../../api/list.ts';
import type { Row } from '../../api/list.ts';
import { channelOptions, channelTitle } from '../../parts/channels.ts';
import type { Column } from '../../parts/data-table.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { useFilters } from '../../parts/filters.ts';
import type { FilterField } from '../../parts/filters.ts';
import { Id } from '../../parts/id.tsx';
import { ListPage } from '../../parts/list-page.tsx';
import { useSelection } from '../../parts/selection.tsx';
import type { Selection } from '../../parts/selection.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { Time } from '../../parts/time.tsx';
import { ClockDifference } from './clock-difference.tsx';
import { reasonOptions, reasonWords } from './reason-words.ts';
import { ReleaseDialog } from './release-dialog.tsx';

type RejectedRequest = Row<'/v1/rejected-requests'>;

const fields: readonly FilterField[] = [
  { kind: 'select', name: 'channel', label: 'Channel', options: channelOptions },
  { kind: 'select', name: 'reason', label: 'Reason', options: reasonOptions },
  { kind: 'select', name: 'state', label: 'State', options: ['kept', 'released'] },
  { kind: 'time' },
  { kind: 'text', name: 'integration_id', label: 'Integration', placeholder: 'int_…' },
];

const columns: readonly Column<RejectedRequest>[] = [
  { header: 'Time', cell: ({ received_at: at }) => <Time at={at} /> },
  { header: 'Channel', cell: ({ channel }) => channelTitle(channel) },
  {
    header: 'Why, and what to do',
    cell: ({ reason, what_to_do: advice }) => (
      <>
        {reasonWords(reason)}
        <Text size="xs" c="dimmed" lineClamp={2} title={advice}>
          {advice}
        </Text>
      </>
    ),
  },
  {
    header: 'Sender’s clock',
    cell: ({ clock_difference_s: seconds }) => <ClockDifference seconds={seconds} />,
  },
  { header: 'State', cell: ({ state }) => <StateBadge state={state} /> },
  { header: 'Event', cell: ({ event_id: id }) => <Id id={id} /> },
];

/** Requests that were refused at the door, why, and the way to let them in after all. */
export function Page(): JSX.Element {
  const filters = useFilters(fields);
  const list = useList('/v1/rejected-requests', filters);
  const selection = useSelection();
  const [isReleasing, setReleasing] = useState(false);
  const isSome = selection.ids.size > 0 && !selection.isAllMatching;
  return (
    <>
      <ListPage
        title="Rejected requests"
        about="What came to a channel’s address and was not verified or understood. It is kept for 14 days: mend the cause, then release it."
        actions={
          <Button disabled={filters['state'] === 'released'} onClick={() => setReleasing(true)}>
            {releaseLabel(selection)}
          </Button>
        }
        fields={fields}
        list={list}
        columns={columns}
        rowId={({ id }) => id}
        rowPath={({ id }) => `/rejected-requests/${id}`}
        selection={selection}
        empty={
          <EmptyState title="No request was rejected" command="npx durahook send github push">
            What comes to a channel’s address and does not verify is kept here. A signed one to try
            the way in:
          </EmptyState>
        }
      />
      <ReleaseDialog
        filters={filters}
        ids={isSome ? [...selection.ids] : undefined}
        isOpen={isReleasing}
        onClose={() => {
          setReleasing(false);
          selection.clear();
        }}
      />
    </>
  );
}

function releaseLabel({ ids, isAllMatching }: Selection): string {
  return ids.size > 0 && !isAllMatching ? `Release ${ids.size} selected` : 'Release all that match';
}
