import { Text } from '@mantine/core';
import type { JSX } from 'react';
import { DataTable } from '../../parts/data-table.tsx';
import type { Column } from '../../parts/data-table.tsx';
import { visibleLine } from '../../parts/visible-text.ts';
import type { Answers } from '../../../src/client/index.ts';
import { Section } from '../event/section.tsx';

type ItemError = Answers['ReadImport']['errors'][number];

const columns: readonly Column<ItemError>[] = [
  { header: 'Item', cell: ({ pointer }) => placeWords(pointer) },
  { header: 'What is wrong', cell: ({ detail }) => visibleLine(detail) },
];

export interface RefusedProps {
  /** The first hundred. */
  readonly errors: readonly ItemError[];
  /** All that there are. */
  readonly count: number;
}

/** The items that could not be taken, each with what is wrong with it. */
export function Refused({ errors, count }: RefusedProps): JSX.Element {
  const list = { rows: errors, problem: null, isFetching: false, retry: () => undefined };
  return (
    <Section title="Refused items">
      <Text size="sm">
        Mend them and send them in another import: what is taken twice is one issue.
        {count > errors.length &&
          ` These are the first ${errors.length} of ${count.toLocaleString('en')}.`}
      </Text>
      <DataTable
        label="Refused items"
        list={list}
        columns={columns}
        rowId={({ pointer }) => pointer}
        empty={null}
      />
    </Section>
  );
}

/** `3rd of the list` is hard to find in a text; its number from 1 and its pointer are not. */
function placeWords(pointer: string): string {
  const [, index] = /^\/items\/(\d+)$/.exec(pointer) ?? [];
  return index === undefined
    ? visibleLine(pointer)
    : `Number ${(Number(index) + 1).toLocaleString('en')} in the list (${pointer})`;
}
