import { Title } from '@mantine/core';
import type { JSX } from 'react';
import { viewOf } from '../../api/list.ts';
import type { Row } from '../../api/list.ts';
import { useRead } from '../../api/read.ts';
import { Actor } from '../../parts/actor.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import type { Column } from '../../parts/data-table.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { outcomeWords } from '../../parts/reason-words.ts';
import { ShortText } from '../../parts/short-text.tsx';
import { Duration, Time } from '../../parts/time.tsx';
import { TestOutcome } from './test-outcome.tsx';

const columns: readonly Column<Row<'/v1/endpoints/{id}/test-events'>>[] = [
  { header: 'Sent', cell: ({ at }) => <Time at={at} /> },
  { header: 'Event type', cell: ({ type }) => <ShortText text={type} /> },
  { header: 'Outcome', cell: ({ reason }) => <TestOutcome isDelivered={reason === null} /> },
  {
    header: 'Answer',
    cell: ({ status, reason }) => <ShortText text={outcomeWords(status, reason)} />,
  },
  { header: 'Took', cell: ({ duration_ms: ms }) => <Duration ms={ms} />, isNumber: true },
  { header: 'By', cell: ({ actor }) => <Actor actor={actor} /> },
];

/** The last tests of an endpoint, as the audit log keeps them. */
export function PastTests({ endpointId }: { endpointId: string }): JSX.Element {
  const tests = useRead('/v1/endpoints/{id}/test-events', {
    id: endpointId,
    query: { limit: '10' },
  });
  return (
    <>
      <Title order={3} size="h5">
        The last tests
      </Title>
      <DataTable
        label="The last tests"
        list={viewOf(tests, ({ data }) => data)}
        columns={columns}
        rowId={({ id }) => id}
        empty={<EmptyState title="It was not tested yet">Each test stands here.</EmptyState>}
      />
    </>
  );
}
