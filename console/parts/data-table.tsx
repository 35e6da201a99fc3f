import { Button, Checkbox, Group, Skeleton, Stack } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import type { JSX, MouseEvent, ReactNode } from 'react';
import { parseSearch } from '../address.ts';
import type { ListView, Pager } from '../api/list.ts';
import { AppLink } from './app-link.tsx';
import classes from './data-table.module.css';
import { Icon } from './icon.tsx';
import { ProblemAlert } from './problem-alert.tsx';
import { SelectionBanner } from './selection.tsx';
import type { Selection } from './selection.tsx';

/** One column. The first one's cell becomes the row's link where rows have one: no link or button in it then. */
export interface Column<R> {
  readonly header: string;
  readonly cell: (row: R) => ReactNode;
  /** For numbers: at the right. */
  readonly isNumber?: boolean;
}

export interface DataTableProps<R> {
  /** What the rows are, for who can't see the page: "Events". */
  readonly label: string;
  /** From `useList`, or `viewOf` for what comes in one piece. */
  readonly list: ListView<R>;
  readonly columns: readonly Column<R>[];
  readonly rowId: (row: R) => string;
  /** The page of a row. */
  readonly rowPath?: (row: R) => string | undefined;
  /** Shown instead of no rows: an `EmptyState`. */
  readonly empty: ReactNode;
  /** From `useSelection`: puts a checkbox before each row. */
  readonly selection?: Selection;
  /** Rows that have just come: shown so for a moment. */
  readonly isFresh?: (row: R) => boolean;
}

/** Rows of the API, with all that a list can be: loading, failed, empty, one of many pages. */
export function DataTable<R>(props: DataTableProps<R>): JSX.Element {
  const { list, label, selection, empty, rowId } = props;
  const { rows, problem, retry, pager } = list;
  if (rows === undefined) {
    return problem ? <ProblemAlert error={problem} onRetry={retry} /> : <Loading label={label} />;
  }
  const canGoOn = pager?.next !== undefined;
  return (
    <Stack gap="sm">
      {problem && <ProblemAlert error={problem} onRetry={retry} />}
      {selection && (
        <SelectionBanner selection={selection} pageIds={rows.map(rowId)} hasMore={canGoOn} />
      )}
      {rows.length === 0 ? empty : <Rows {...props} rows={rows} />}
      {pager && <PagerButtons pager={pager} isFetching={list.isFetching} />}
    </Stack>
  );
}

function Loading({ label }: { label: string }): JSX.Element {
  return (
    <Stack gap="xs" role="status" aria-label={`Loading: ${label}`}>
      {[1, 2, 3, 4, 5, 6].map((row) => (
        <Skeleton key={row} height={30} />
      ))}
    </Stack>
  );
}

// The roles are named although they are the elements' own: laid out as cards, browsers forget them.
function Rows<R>(props: DataTableProps<R> & { rows: readonly R[] }): JSX.Element {
  const { rows, columns, label, rowId, selection } = props;
  const ids = rows.map(rowId);
  return (
    <div className={classes.box}>
      <table className={classes.table} role="table" aria-label={label}>
        <thead role="rowgroup">
          <tr role="row">
            {selection && (
              <th role="columnheader">
                <Checkbox
                  aria-label="Select all on this page"
                  size="xs"
                  checked={ids.every((id) => selection.has(id))}
                  onChange={({ currentTarget }) => selection.setMany(ids, currentTarget.checked)}
                />
              </th>
            )}
            {columns.map(({ header, isNumber }) => (
              <th key={header} role="columnheader" className={isNumber ? classes.end : undefined}>
                {header}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {rows.map((row) => (
            <TableRow key={rowId(row)} {...props} row={row} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function TableRow<R>(props: DataTableProps<R> & { row: R }): JSX.Element {
  const { row, columns, rowId, rowPath, selection, isFresh } = props;
  const navigate = useNavigate();
  const path = rowPath?.(row);
  const id = rowId(row);
  function open(event: MouseEvent<HTMLTableRowElement>): void {
    const { target } = event;
    const isOnControl = target instanceof Element && target.closest('a, button, input, label');
    const isSelecting = window.getSelection()?.isCollapsed === false;
    if (path === undefined || isOnControl || isSelecting) return;
    const [to = '/', search = ''] = path.split('?', 2);
    void navigate({ to, search: parseSearch(search) });
  }
  return (
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- the first cell is the link; this is a wider target for it
    <tr
      role="row"
      onClick={open}
      className={path === undefined ? undefined : classes.linked}
      data-fresh={isFresh?.(row) || undefined}
    >
      {selection && (
        <td role="cell">
          <Checkbox
            aria-label={`Select ${id}`}
            size="xs"
            checked={selection.has(id)}
            onChange={({ currentTarget }) => selection.setMany([id], currentTarget.checked)}
          />
        </td>
      )}
      {columns.map(({ header, cell, isNumber }, index) => (
        <td
          key={header}
          role="cell"
          data-label={header}
          className={isNumber ? classes.end : undefined}
        >
          {index === 0 && path !== undefined ? (
            <AppLink to={path}>{cell(row)}</AppLink>
          ) : (
            <div>{cell(row)}</div>
          )}
        </td>
      ))}
    </tr>
  );
}

function PagerButtons(props: { pager: Pager; isFetching: boolean }): JSX.Element | null {
  const { next, previous } = props.pager;
  if (!next && !previous) return null;
  return (
    <Group justify="flex-end" gap="xs" component="nav" aria-label="Pages of the list">
      <Button variant="default" size="xs" disabled={!previous} onClick={previous}>
        Previous
      </Button>
      <Button
        variant="default"
        size="xs"
        disabled={!next}
        loading={props.isFetching}
        onClick={next}
        rightSection={<Icon name="chevron" size={12} />}
      >
        Next
      </Button>
    </Group>
  );
}
