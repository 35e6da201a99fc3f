import { Paper, SegmentedControl, Stack, Title } from '@mantine/core';
import { useMemo } from 'react';
import type { JSX } from 'react';
import { useSearchTexts, useSetSearch } from '../../address.ts';
import { useList } from '../../api/list.ts';
import type { Row } from '../../api/list.ts';
import { AppLink } from '../../parts/app-link.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import type { Column } from '../../parts/data-table.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { Id } from '../../parts/id.tsx';
import { Time } from '../../parts/time.tsx';
import { visibleLine } from '../../parts/visible-text.ts';
import { countWords, hasEnded } from './replay-words.ts';
import type { Replay } from './replay-words.ts';

type Item = Row<'/v1/replays/{id}/items'>;

const item: Column<Item> = { header: 'Item', cell: ({ id }) => <Id id={id} /> };
const when: Column<Item> = { header: 'When', cell: ({ created_at: at }) => <Time at={at} /> };

const columns: Readonly<Record<Item['state'], readonly Column<Item>[]>> = {
  failed: [
    item,
    { header: 'Why not', cell: ({ failure }) => (failure === null ? '–' : visibleLine(failure)) },
    when,
  ],
  done: [
    item,
    { header: 'Goes on as', cell: (row) => <NextLink item={row} /> },
    { header: 'Started from', cell: originWords },
    when,
  ],
};

/** As often as the page shows how far it is. */
const refreshMs = 1500;

/** What a replay could not start again and what it did, each with the way to it. */
export function Items({ replay }: { replay: Replay }): JSX.Element {
  const setSearch = useSetSearch();
  const { items } = useSearchTexts();
  const usual = replay.failed > 0 ? 'failed' : 'done';
  const state = items === 'failed' || items === 'done' ? items : usual;
  const filter = useMemo(() => ({ state }), [state]);
  const everyMs = hasEnded(replay) ? false : refreshMs;
  const list = useList('/v1/replays/{id}/items', filter, { id: replay.id, everyMs });
  return (
    <Paper component="section" withBorder p="md" aria-label="Items">
      <Stack gap="sm">
        <Title order={2}>Items</Title>
        <SegmentedControl
          size="xs"
          w="fit-content"
          aria-label="Which items"
          value={state}
          data={[
            { value: 'failed', label: `Failed (${countWords(replay.failed)})` },
            { value: 'done', label: `Started again (${countWords(replay.done)})` },
          ]}
          onChange={(value) => setSearch({ items: value, cursor: undefined }, { replace: true })}
        />
        <DataTable
          label={state === 'failed' ? 'Items that failed' : 'Items that were started again'}
          list={list}
          columns={columns[state]}
          rowId={({ id }) => id}
          empty={
            <EmptyState title={state === 'failed' ? 'None failed' : 'None was started again yet'} />
          }
        />
      </Stack>
    </Paper>
  );
}

/** The delivery that it made, or the cycle that it opened. */
function NextLink({ item: { id, cycle, delivery_id: made } }: { item: Item }): JSX.Element {
  if (made !== null) return <Id id={made} />;
  if (cycle === null) return <>–</>;
  if (!id.startsWith('dlv_')) return <>Cycle {cycle}</>;
  return <AppLink to={`/deliveries/${id}?cycle=${cycle}`}>Cycle {cycle}</AppLink>;
}

function originWords({ origin, delivery_id: made }: Item): string {
  const words = { history: 'its history in Temporal', row: 'its row: the history was gone' };
  if (origin !== null) return words[origin];
  return made === null ? '–' : 'its event: a new delivery';
}
