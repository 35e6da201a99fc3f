import { Button, Group } from '@mantine/core';
import type { JSX } from 'react';
import { useList } from '../../api/list.ts';
import type { Row } from '../../api/list.ts';
import { pathOfId } from '../../id-path.ts';
import type { Target } from '../../parts/bulk.ts';
import { DataTable } from '../../parts/data-table.tsx';
import type { Column } from '../../parts/data-table.tsx';
import { EndpointUrl } from '../../parts/endpoint-url.tsx';
import { Id } from '../../parts/id.tsx';
import { reasonWords } from '../../parts/reason-words.ts';
import { useFilteredSelection } from '../../parts/selection.tsx';
import type { Selection } from '../../parts/selection.tsx';
import { ShortText } from '../../parts/short-text.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { Time } from '../../parts/time.tsx';
import { visibleLine } from '../../parts/visible-text.ts';
import type { GroupsViewProps } from './groups-view.tsx';
import { NoDeadLetters } from './no-dead-letters.tsx';
import { openFilterOf } from './use-fields.ts';

type DeadLetter = Row<'/v1/dead-letters'>;

const columns: readonly Column<DeadLetter>[] = [
  { header: 'Died', cell: ({ died_at: at }) => <Time at={at} /> },
  { header: 'Event type', cell: ({ event_type: type }) => <ShortText text={type} /> },
  { header: 'Where', cell: (letter) => <Where letter={letter} /> },
  { header: 'Why', cell: ({ reason }) => <ShortText text={reasonWords(reason)} /> },
  {
    header: 'State',
    cell: (letter) => <StateBadge state={letter.state} reason={settledBy(letter)} />,
  },
  { header: 'Dead letter', cell: ({ id }) => <Id id={id} /> },
  { header: 'Event', cell: ({ event_id: id }) => <Id id={id} /> },
];

/** Dead letters one by one, to be ticked and settled. */
export function ListView(props: GroupsViewProps): JSX.Element {
  const { filter, isOpen, isFiltered } = props;
  const list = useList('/v1/dead-letters', filter);
  const selection = useFilteredSelection(filter);
  return (
    <>
      {isOpen && (
        <Actions {...props} selection={selection} hasRows={(list.rows ?? []).length > 0} />
      )}
      <DataTable
        label="Dead letters"
        list={list}
        columns={columns}
        rowId={({ id }) => id}
        rowPath={({ subject_id: id }) => pathOfId(id)}
        empty={<NoDeadLetters isFiltered={isFiltered} />}
        {...(isOpen ? { selection } : {})}
      />
    </>
  );
}

function Actions(
  props: GroupsViewProps & { readonly selection: Selection; readonly hasRows: boolean },
): JSX.Element | null {
  const { filter, onWish, selection, hasRows, isFiltered } = props;
  const { ids, isAllMatching } = selection;
  const isSome = ids.size > 0 && !isAllMatching;
  const target: Target = isSome ? { ids: [...ids] } : { filter: openFilterOf(filter) };
  const which = isSome ? `the ${ids.size} selected` : isFiltered ? 'all that match' : 'all';
  return (
    <Group gap="xs" mb="sm">
      <Button size="xs" disabled={!hasRows} onClick={() => onWish({ verb: 'redrive', target })}>
        Redrive {which}
      </Button>
      <Button
        size="xs"
        variant="default"
        disabled={!hasRows}
        onClick={() => onWish({ verb: 'discard', target })}
      >
        Discard {which}
      </Button>
    </Group>
  );
}

function Where({ letter }: { letter: DeadLetter }): JSX.Element {
  const { endpoint_id: id, endpoint_url: url, trigger } = letter;
  if (trigger !== null) return <>Trigger {visibleLine(trigger)}</>;
  return id === null ? <>–</> : <EndpointUrl id={id} url={url} />;
}

function settledBy({ settled_by: who, settled_reason: why }: DeadLetter): string | null {
  if (who === null) return null;
  return why === null ? `By ${who}` : `By ${who}: ${why}`;
}
