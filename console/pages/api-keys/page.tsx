import { Button } from '@mantine/core';
import { useMemo, useState } from 'react';
import type { JSX } from 'react';
import { useList } from '../../api/list.ts';
import type { Query } from '../../api/read.ts';
import type { Column } from '../../parts/data-table.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { Icon } from '../../parts/icon.tsx';
import { Id } from '../../parts/id.tsx';
import { ListPage } from '../../parts/list-page.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { Time } from '../../parts/time.tsx';
import { useNow } from '../../parts/use-now.ts';
import { visibleLine } from '../../parts/visible-text.ts';
import { CreateDialog } from './create-dialog.tsx';
import { scopesWords, stateOf } from './key-words.ts';
import type { ApiKey } from './key-words.ts';
import { RevokeDialog } from './revoke-dialog.tsx';

const noFilter: Query = {};

/** A key that ends while the page is looked at is shown as expired soon after. */
const clockMs = 30_000;

/** Keys that open the API: who has which, when it was used, and how it ends. */
export function Page(): JSX.Element {
  const list = useList('/v1/api-keys', noFilter);
  const [isCreating, setCreating] = useState(false);
  const [revoking, setRevoking] = useState<ApiKey | null>(null);
  const nowMs = useNow(clockMs);
  const columns = useMemo(() => columnsOf(nowMs, setRevoking), [nowMs]);
  const create = (
    <Button
      size="xs"
      leftSection={<Icon name="plus" size={14} />}
      onClick={() => setCreating(true)}
    >
      Create an API key
    </Button>
  );
  return (
    <ListPage
      title="API keys"
      about="What scripts and services open the API with. The keys themselves are kept nowhere."
      actions={create}
      list={list}
      columns={columns}
      rowId={({ id }) => id}
      empty={
        <EmptyState title="No API keys yet" action={create}>
          A key lets a script publish events and read what became of them.
        </EmptyState>
      }
    >
      <CreateDialog isOpen={isCreating} onClose={() => setCreating(false)} />
      <RevokeDialog apiKey={revoking} onClose={() => setRevoking(null)} />
    </ListPage>
  );
}

function columnsOf(nowMs: number, onRevoke: (apiKey: ApiKey) => void): readonly Column<ApiKey>[] {
  return [
    { header: 'Name', cell: ({ name }) => visibleLine(name) },
    { header: 'State', cell: (row) => <StateBadge state={stateOf(row, nowMs)} /> },
    { header: 'May', cell: ({ scopes }) => scopesWords(scopes) },
    { header: 'Id', cell: ({ id }) => <Id id={id} /> },
    { header: 'Created', cell: ({ created_at: at }) => <Time at={at} /> },
    {
      header: 'Last used',
      cell: ({ last_used_at: at }) => (at === null ? 'never' : <Time at={at} />),
    },
    {
      header: 'Ends',
      cell: ({ expires_at: at, revoked_at: revokedAt }) =>
        at === null && revokedAt === null ? 'never' : <Time at={revokedAt ?? at} />,
    },
    {
      header: 'Revoke',
      cell: (row) =>
        stateOf(row, nowMs) === 'active' && <RevokeButton apiKey={row} onRevoke={onRevoke} />,
    },
  ];
}

function RevokeButton(props: { apiKey: ApiKey; onRevoke: (apiKey: ApiKey) => void }): JSX.Element {
  const { apiKey, onRevoke } = props;
  return (
    <Button
      size="compact-xs"
      variant="default"
      aria-label={`Revoke ${visibleLine(apiKey.name)}`}
      onClick={() => onRevoke(apiKey)}
    >
      Revoke
    </Button>
  );
}
