import type { JSX } from 'react';
import { viewOf } from '../../api/list.ts';
import { useRead } from '../../api/read.ts';
import type { Query } from '../../api/read.ts';
import type { Column } from '../../parts/data-table.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { useFilters } from '../../parts/filters.ts';
import type { FilterField } from '../../parts/filters.ts';
import { ListPage } from '../../parts/list-page.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { Time } from '../../parts/time.tsx';
import { visibleLine } from '../../parts/visible-text.ts';
import { stateOf } from './trigger-state.ts';
import type { Trigger } from './trigger-state.ts';

const fields: readonly FilterField[] = [
  { kind: 'select', name: 'state', label: 'State', options: ['active', 'broken', 'inactive'] },
  { kind: 'text', name: 'text', label: 'Name, source or file' },
];

const columns: readonly Column<Trigger>[] = [
  { header: 'Name', cell: ({ name }) => visibleLine(name) },
  { header: 'Source', cell: ({ source }) => visibleLine(source ?? '–') },
  { header: 'Events', cell: ({ events }) => visibleLine(events.join(', ')) || '–' },
  {
    header: 'State',
    cell: (trigger) => <StateBadge state={stateOf(trigger)} reason={trigger.problem} />,
  },
  { header: 'Runs, 24 h', cell: ({ runs_24h }) => runs_24h.toLocaleString('en'), isNumber: true },
  {
    header: 'Failed, 24 h',
    cell: ({ failures_24h }) => failures_24h.toLocaleString('en'),
    isNumber: true,
  },
  { header: 'Last run', cell: ({ last_run_at }) => <Time at={last_run_at} /> },
  { header: 'File', cell: ({ file }) => <code>{visibleLine(file)}</code> },
];

/** Often enough to see a new revision come. */
const everyMs = 10_000;

/** Which events start what: one YAML file each. */
export function Page(): JSX.Element {
  const filters = useFilters(fields);
  const list = viewOf(useRead('/v1/triggers', { everyMs }), ({ data }) =>
    data.filter((trigger) => isAsked(trigger, filters)),
  );
  return (
    <ListPage
      title="Triggers"
      about="Which events start what. Each is a YAML file in the folder of triggers, read when a server starts."
      fields={fields}
      list={list}
      columns={columns}
      rowId={({ id }) => id}
      rowPath={({ id }) => `/triggers/${id}`}
      empty={
        <EmptyState title="No triggers yet" command={firstFile}>
          Write a file into the folder of triggers (TRIGGERS_DIR), and start the server again. This
          one answers each pull request with an event of its own:
        </EmptyState>
      }
    />
  );
}

const firstFile = `cat > triggers/hello.yaml <<'YAML'
trigger: hello
on: { source: github, events: [pull_request] }
do:
  emit: custom.pull_request_seen
  with:
    url: \${{ body.pull_request.html_url }}
YAML`;

/** The list comes in one piece: it is narrowed here. */
function isAsked(trigger: Trigger, { state, text }: Query): boolean {
  if (state !== undefined && state !== stateOf(trigger)) return false;
  const { name, source, file, events, id } = trigger;
  const words = [name, source ?? '', file, id, ...events].join('\n').toLowerCase();
  return text === undefined || words.includes(text.toLowerCase());
}
