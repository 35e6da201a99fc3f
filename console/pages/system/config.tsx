import { Text } from '@mantine/core';
import type { JSX } from 'react';
import type { Answers } from '../../../src/client/index.ts';
import { viewOf } from '../../api/list.ts';
import { DataTable } from '../../parts/data-table.tsx';
import type { Column } from '../../parts/data-table.tsx';
import { visibleLine } from '../../parts/visible-text.ts';
import { Panel } from './panel.tsx';

type System = Answers['System'];
type Setting = System['config'][number];

const columns: readonly Column<Setting>[] = [
  { header: 'Variable', cell: ({ name }) => <code>{visibleLine(name)}</code> },
  {
    header: 'Value',
    cell: ({ value }) =>
      value === null ? (
        <Text size="sm" c="dimmed" component="span">
          not set
        </Text>
      ) : (
        visibleLine(value)
      ),
  },
];

/** How this process is set up, from its environment; secrets come as `***`. */
export function Config({ system: { config } }: { system: System }): JSX.Element {
  const answer = { data: config, error: null, isFetching: false, refetch: async () => undefined };
  return (
    <Panel title="Configuration">
      <Text size="sm">
        From the environment, read when the process begins. Secrets are masked: <code>***</code>.
      </Text>
      <DataTable
        label="Configuration"
        list={viewOf(answer, (rows) => rows)}
        columns={columns}
        rowId={({ name }) => name}
        empty={<Text size="sm">Only the tenant named “default” is shown it.</Text>}
      />
    </Panel>
  );
}
