import type { JSX } from 'react';
import { useList } from '../../api/list.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { FilterBar } from '../../parts/filter-bar.tsx';
import { useFilters, useIsFiltered } from '../../parts/filters.ts';
import type { FilterField } from '../../parts/filters.ts';
import { runStates } from '../trigger-runs/run-words.ts';
import { runColumns } from './run-columns.tsx';

const fields: readonly FilterField[] = [
  {
    kind: 'select',
    name: 'state',
    label: 'State',
    options: runStates,
  },
  { kind: 'text', name: 'event_id', label: 'Event', placeholder: 'evt_…' },
  { kind: 'time' },
];

/** Every run of a trigger, newest first. */
export function Runs({ id }: { id: string }): JSX.Element {
  const filters = useFilters(fields);
  const isFiltered = useIsFiltered(fields);
  const list = useList('/v1/trigger-runs', { ...filters, trigger_id: id }, { everyMs: 5000 });
  return (
    <>
      <FilterBar fields={fields} />
      <DataTable
        label="Runs"
        list={list}
        columns={runColumns}
        rowId={(run) => run.id}
        rowPath={(run) => `/trigger-runs/${run.id}`}
        empty={
          <EmptyState title={isFiltered ? 'Nothing matches the filters' : 'It has not run yet'} />
        }
      />
    </>
  );
}
