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
import { Time } from '../../parts/time.tsx';
import { costWords } from '../session/session-words.ts';
import { SessionState } from '../session/session-state.tsx';
import { OpenDialog } from './open-dialog.tsx';

type Session = Row<'/v1/sessions'>;

const fields: readonly FilterField[] = [
  { kind: 'text', name: 'text', label: 'Id or key', placeholder: 'ses_… run_… or a key' },
  { kind: 'text', name: 'name', label: 'Name', placeholder: 'code-review' },
  { kind: 'select', name: 'state', label: 'State', options: ['active', 'finished', 'archived'] },
  { kind: 'time', label: 'Opened' },
];

/** Only where a link names a key: the text finds keys too, beside ids. */
const keyFields: readonly FilterField[] = [...fields, { kind: 'text', name: 'key', label: 'Key' }];

const columns: readonly Column<Session>[] = [
  { header: 'Opened', cell: ({ created_at: at }) => <Time at={at} /> },
  { header: 'Name', cell: ({ name }) => <ShortText text={name} /> },
  { header: 'Key', cell: ({ key }) => (key === null ? '–' : <ShortText text={key} />) },
  { header: 'For', cell: ({ user_id: user }) => <ShortText text={user} /> },
  { header: 'State', cell: (row) => <SessionState session={row} /> },
  { header: 'Entries', cell: (row) => row.entry_count.toLocaleString('en'), isNumber: true },
  { header: 'Last active', cell: ({ last_active_at: at }) => <Time at={at} /> },
  { header: 'Cost', cell: costWords, isNumber: true },
  { header: 'Session', cell: ({ id }) => <Id id={id} /> },
];

const refreshMs = 5000;

/** Agents at work, and what they came to, newest first. */
export function Page(): JSX.Element {
  const { cursor, key } = useSearchTexts();
  const everyMs = cursor === undefined && refreshMs;
  const shownFields = key === undefined ? fields : keyFields;
  const list = useList('/v1/sessions', useFilters(shownFields), { everyMs });
  const [isOpening, setOpening] = useState(false);
  const open = (
    <Button size="xs" leftSection={<Icon name="plus" size={14} />} onClick={() => setOpening(true)}>
      Open a session
    </Button>
  );
  return (
    <>
      <ListPage
        title="Sessions"
        about="Agents at work for somebody: what reached them, what they did, and what it cost."
        actions={open}
        fields={shownFields}
        list={list}
        columns={columns}
        rowId={({ id }) => id}
        rowPath={({ id }) => `/sessions/${id}`}
        empty={<NoSessions />}
      />
      <OpenDialog isOpen={isOpening} onClose={() => setOpening(false)} />
    </>
  );
}

const openCommand = `curl "$URL/v1/sessions" -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' \\
  -d '{"name": "code-review", "user_id": "lwei", "input": {"pr_url": "https://github.com/acme/checkout/pull/482"}}'`;

function NoSessions(): JSX.Element {
  return (
    <EmptyState title="No sessions yet" command={openCommand}>
      A trigger opens one with <code>do: {'{ session: … }'}</code>. Or open one with “Open a
      session”, or by the API:
    </EmptyState>
  );
}
