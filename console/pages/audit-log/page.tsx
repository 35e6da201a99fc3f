import type { JSX } from 'react';
import { useList } from '../../api/list.ts';
import type { Row } from '../../api/list.ts';
import { Actor } from '../../parts/actor.tsx';
import type { Column } from '../../parts/data-table.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { useFilters } from '../../parts/filters.ts';
import type { FilterField } from '../../parts/filters.ts';
import { Id } from '../../parts/id.tsx';
import { ListPage } from '../../parts/list-page.tsx';
import { Time } from '../../parts/time.tsx';
import { actionOptions, actionWords } from './action-words.ts';
import { Detail } from './detail.tsx';

type AuditEntry = Row<'/v1/audit-log'>;

const fields: readonly FilterField[] = [
  { kind: 'select', name: 'action', label: 'What was done', options: actionOptions },
  { kind: 'text', name: 'subject', label: 'To', placeholder: 'An id: ep_…' },
];

const columns: readonly Column<AuditEntry>[] = [
  { header: 'When', cell: ({ at }) => <Time at={at} /> },
  { header: 'Who', cell: ({ actor }) => <Actor actor={actor} /> },
  { header: 'Did', cell: ({ action }) => <span title={action}>{actionWords(action)}</span> },
  { header: 'To', cell: ({ subject }) => (subject === '*' ? 'several' : <Id id={subject} />) },
  { header: 'Detail', cell: ({ detail }) => <Detail detail={detail} /> },
];

/** Who did what: everything that a person or a key changed. */
export function Page(): JSX.Element {
  const list = useList('/v1/audit-log', useFilters(fields));
  return (
    <ListPage
      title="Audit log"
      about="What people and API keys have changed. Nobody can take a line out."
      fields={fields}
      list={list}
      columns={columns}
      rowId={({ id }) => id}
      empty={
        <EmptyState title="Nobody has changed anything yet">
          A login, a redrive, a replay, a change of an endpoint or key: each leaves a line here.
        </EmptyState>
      }
    />
  );
}
