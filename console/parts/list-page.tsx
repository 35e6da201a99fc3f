import { Button } from '@mantine/core';
import type { JSX, ReactNode } from 'react';
import { DataTable } from './data-table.tsx';
import type { DataTableProps } from './data-table.tsx';
import { EmptyState } from './empty-state.tsx';
import { FilterBar } from './filter-bar.tsx';
import { useClearFilters, useIsFiltered } from './filters.ts';
import type { FilterField } from './filters.ts';
import { PageHeader } from './page-header.tsx';

export interface ListPageProps<R> extends Omit<DataTableProps<R>, 'label'> {
  readonly title: string;
  readonly about?: ReactNode;
  readonly actions?: ReactNode;
  /** The same as those given to `useFilters`; a constant outside of the component. */
  readonly fields?: readonly FilterField[];
  /** Between the filters and the rows. */
  readonly children?: ReactNode;
}

const noFields: readonly FilterField[] = [];

/** A whole page that is a list: header, filters, table. `empty` is shown only where no filter hides rows. */
export function ListPage<R>(props: ListPageProps<R>): JSX.Element {
  const { title, about, actions, fields = noFields, children, empty, ...table } = props;
  const isFiltered = useIsFiltered(fields);
  return (
    <>
      <PageHeader title={title} about={about} actions={actions} />
      {fields.length > 0 && <FilterBar fields={fields} />}
      {children}
      <DataTable
        {...table}
        label={title}
        empty={isFiltered ? <NothingMatches fields={fields} /> : empty}
      />
    </>
  );
}

function NothingMatches({ fields }: { fields: readonly FilterField[] }): JSX.Element {
  const clear = useClearFilters(fields);
  return (
    <EmptyState
      title="Nothing matches the filters"
      action={
        <Button variant="default" size="xs" onClick={clear}>
          Clear the filters
        </Button>
      }
    />
  );
}
