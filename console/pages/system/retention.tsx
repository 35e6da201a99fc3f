import { Text } from '@mantine/core';
import type { JSX } from 'react';
import type { Answers } from '../../../src/client/index.ts';
import { viewOf } from '../../api/list.ts';
import { useRead } from '../../api/read.ts';
import { DataTable } from '../../parts/data-table.tsx';
import type { Column } from '../../parts/data-table.tsx';
import { sizeWords } from '../../parts/size-words.ts';
import { Badge } from '../../parts/state-badge.tsx';
import { Time } from '../../parts/time.tsx';
import { Panel } from './panel.tsx';

type Day = Answers['Retention']['days'][number];

const columns: readonly Column<Day>[] = [
  { header: 'Day (UTC)', cell: ({ day }) => day },
  { header: 'Stored', isNumber: true, cell: ({ bytes }) => sizeWords(bytes) },
  {
    header: 'Payloads',
    cell: ({ payloads, payloads_due_at: at }) =>
      payloads === 'dropped' ? 'dropped' : <Time at={at} isExact />,
  },
  { header: 'Everything', cell: ({ metadata_due_at: at }) => <Time at={at} isExact /> },
  { header: 'Held by', cell: (day) => <Holds day={day} /> },
];

/** Why a day that is due is still there, in words; empty for one that nothing holds. */
function Holds({ day: { held_by: held } }: { day: Day }): JSX.Element | null {
  if (!held) return null;
  const open = [
    [held.deliveries, 'waiting delivery', 'waiting deliveries'],
    [held.trigger_runs, 'trigger run', 'trigger runs'],
    [held.dead_letters, 'open dead letter', 'open dead letters'],
    [held.sessions, 'session', 'sessions'],
    [held.replays, 'replay', 'replays'],
  ] as const;
  const words = open
    .filter(([count]) => count > 0)
    .map(([count, one, more]) => `${count.toLocaleString('en')} ${count === 1 ? one : more}`);
  return (
    <Badge tone="warn" icon="clock">
      {words.join(', ')}
    </Badge>
  );
}

/** What is stored by day, and until when it is kept. */
export function Retention(): JSX.Element {
  const retention = useRead('/v1/system/retention');
  const { data } = retention;
  return (
    <Panel title="Retention">
      {data && (
        <Text size="sm">
          Payloads are kept for {data.payloads}, what happened for {data.metadata}. A day with
          anything open is kept until that is settled. Last looked at:{' '}
          {data.last_pass_at === null ? 'never' : <Time at={data.last_pass_at} />}.
        </Text>
      )}
      <DataTable
        label="Retention"
        list={viewOf(retention, ({ days }) => days)}
        columns={columns}
        rowId={({ day }) => day}
        empty={<Text size="sm">Only the tenant named “default” is shown its days.</Text>}
      />
    </Panel>
  );
}
