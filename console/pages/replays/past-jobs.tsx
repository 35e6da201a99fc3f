import { Stack, Title } from '@mantine/core';
import type { JSX } from 'react';
import { useList } from '../../api/list.ts';
import type { Query } from '../../api/read.ts';
import { Actor } from '../../parts/actor.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import type { Column } from '../../parts/data-table.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { Time } from '../../parts/time.tsx';
import {
  countWords,
  plannedWords,
  throughOf,
  whatWords,
  windowWords,
} from '../replay/replay-words.ts';
import type { Replay } from '../replay/replay-words.ts';

/** Jobs go on while the list is looked at. */
const everyMs = 5000;

const noFilter: Query = {};

const columns: readonly Column<Replay>[] = [
  { header: 'What', cell: whatWords },
  { header: 'State', cell: ({ state }) => <StateBadge state={state} /> },
  { header: 'Timeframe', cell: ({ filter: { from, to } }) => windowWords(from, to) },
  {
    header: 'Done',
    cell: (row) => `${countWords(throughOf(row))} of ${plannedWords(row)}`,
    isNumber: true,
  },
  { header: 'Failed', cell: ({ failed }) => countWords(failed), isNumber: true },
  { header: 'Per second', cell: ({ rate }) => rate, isNumber: true },
  { header: 'By', cell: ({ created_by: by }) => <Actor actor={by} /> },
  { header: 'Started', cell: ({ created_at: at }) => <Time at={at} /> },
];

const startCommand = `curl "$URL/v1/replays" -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' \\
  -d '{"direction": "outbound", "from": "2026-01-31T10:00:00Z", "to": "2026-01-31T12:00:00Z", "dry_run": true}'`;

/** The replays that were started, newest first. */
export function PastJobs(): JSX.Element {
  const list = useList('/v1/replays', noFilter, { everyMs });
  return (
    <Stack gap="sm" component="section" aria-label="Replays">
      <Title order={2}>Replays</Title>
      <DataTable
        label="Replays"
        list={list}
        columns={columns}
        rowId={({ id }) => id}
        rowPath={({ id }) => `/integrations/webhooks/replays/${id}`}
        empty={
          <EmptyState title="No replays yet" command={startCommand}>
            Choose a timeframe above and start one, or ask the API; with <code>dry_run</code> it
            only counts:
          </EmptyState>
        }
      />
    </Stack>
  );
}
