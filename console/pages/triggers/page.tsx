import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { JSX } from 'react';
import { viewOf } from '../../api/list.ts';
import { useRead } from '../../api/read.ts';
import type { Query } from '../../api/read.ts';
import type { Column } from '../../parts/data-table.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { useFilters } from '../../parts/filters.ts';
import type { FilterField } from '../../parts/filters.ts';
import { Icon } from '../../parts/icon.tsx';
import { ListPage } from '../../parts/list-page.tsx';
import { ShortText } from '../../parts/short-text.tsx';
import { Time } from '../../parts/time.tsx';
import { visibleLine } from '../../parts/visible-text.ts';
import { stateOf, triggerStates } from './trigger-state.ts';
import type { Trigger } from './trigger-state.ts';
import { TriggerState } from './trigger-state-badge.tsx';
import { actionWords, listensWords } from './trigger-words.ts';

const fields: readonly FilterField[] = [
  { kind: 'select', name: 'state', label: 'State', options: triggerStates },
  { kind: 'text', name: 'text', label: 'Name, source, action or file' },
];

const columns: readonly Column<Trigger>[] = [
  { header: 'Name', cell: ({ name }) => visibleLine(name) },
  { header: 'Listens to', cell: (trigger) => <ShortText text={listensWords(trigger)} /> },
  { header: 'Does', cell: ({ action }) => <ShortText text={action ? actionWords(action) : '–'} /> },
  { header: 'State', cell: (trigger) => <TriggerState trigger={trigger} /> },
  { header: 'Runs, 24 h', cell: ({ runs_24h }) => runs_24h.toLocaleString('en'), isNumber: true },
  {
    header: 'Failed, 24 h',
    cell: ({ failures_24h }) => failures_24h.toLocaleString('en'),
    isNumber: true,
  },
  { header: 'Last run', cell: ({ last_run_at }) => <Time at={last_run_at} /> },
  {
    header: 'Kept',
    cell: ({ file }) => (file === null ? 'saved here' : <code>{visibleLine(file)}</code>),
  },
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
      about="Which events start what. Each is a YAML text: a file in the folder of triggers, or saved here."
      actions={
        <Button
          component={Link}
          to="/triggers/new"
          size="xs"
          leftSection={<Icon name="plus" size={14} />}
        >
          New trigger
        </Button>
      }
      fields={fields}
      list={list}
      columns={columns}
      rowId={({ id }) => id}
      rowPath={({ id }) => `/triggers/${id}`}
      empty={
        <EmptyState title="No triggers yet" command={firstFile}>
          Make one here, or write a file into the folder of triggers (TRIGGERS_DIR) and start the
          server again. This one answers each pull request with an event of its own:
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
  const { name, file, id, action } = trigger;
  const does = action ? actionWords(action) : '';
  const words = [name, file ?? '', id, listensWords(trigger), does].join('\n').toLowerCase();
  return text === undefined || words.includes(text.toLowerCase());
}
