import { Button } from '@mantine/core';
import { useState } from 'react';
import type { JSX } from 'react';
import { useSearchTexts } from '../../address.ts';
import { useList } from '../../api/list.ts';
import type { Row } from '../../api/list.ts';
import type { Column } from '../../parts/data-table.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { useFilters } from '../../parts/filters.ts';
import type { FilterField } from '../../parts/filters.ts';
import { Icon } from '../../parts/icon.tsx';
import { Id } from '../../parts/id.tsx';
import { ListPage } from '../../parts/list-page.tsx';
import { ShortText } from '../../parts/short-text.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { Time } from '../../parts/time.tsx';
import { StartDialog } from './start-dialog.tsx';

type Import = Row<'/v1/imports'>;

const fields: readonly FilterField[] = [
  { kind: 'text', name: 'source', label: 'Source', placeholder: 'jira' },
  {
    kind: 'select',
    name: 'state',
    label: 'State',
    options: ['pending', 'completed', 'cancelled', 'failed'],
  },
];

const columns: readonly Column<Import>[] = [
  { header: 'Sent', cell: ({ created_at: at }) => <Time at={at} /> },
  { header: 'Source', cell: ({ source }) => <ShortText text={source} /> },
  { header: 'State', cell: ({ state }) => <StateBadge state={state} /> },
  { header: 'Items', cell: (row) => row.item_count.toLocaleString('en'), isNumber: true },
  { header: 'Taken', cell: ({ count }) => count.toLocaleString('en'), isNumber: true },
  { header: 'Refused', cell: (row) => row.error_count.toLocaleString('en'), isNumber: true },
  { header: 'Ended', cell: ({ ended_at: at }) => <Time at={at} /> },
  { header: 'Import', cell: ({ id }) => <Id id={id} /> },
];

const refreshMs = 5000;

/** Issues of elsewhere that were sent to be taken, newest first. */
export function Page(): JSX.Element {
  const { cursor } = useSearchTexts();
  const everyMs = cursor === undefined && refreshMs;
  const list = useList('/v1/imports', useFilters(fields), { everyMs });
  const [isStarting, setStarting] = useState(false);
  const start = (
    <Button
      size="xs"
      leftSection={<Icon name="plus" size={14} />}
      onClick={() => setStarting(true)}
    >
      Start an import
    </Button>
  );
  return (
    <>
      <ListPage
        title="Imports"
        about="Issues of elsewhere, taken into the table of issues: the newest state of each wins."
        actions={start}
        fields={fields}
        list={list}
        columns={columns}
        rowId={({ id }) => id}
        rowPath={({ id }) => `/imports/${id}`}
        empty={<NoImports />}
      />
      <StartDialog isOpen={isStarting} onClose={() => setStarting(false)} />
    </>
  );
}

const startCommand = `curl "$URL/v1/imports" -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' \\
  -d '{"source": "jira", "items": [{"repository": "acme/checkout", "number": 77, "title": "Slow", "state": "open", "url": "https://jira.example.com/77"}]}'`;

function NoImports(): JSX.Element {
  return (
    <EmptyState title="No imports yet" command={startCommand}>
      Send up to 1,000 issues at once: paste them with “Start an import”, or send them by the API:
    </EmptyState>
  );
}
