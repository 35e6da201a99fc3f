import { Button, Group, Text } from '@mantine/core';
import type { JSX } from 'react';
import { formatSearch } from '../../address.ts';
import { viewOf } from '../../api/list.ts';
import { useRead } from '../../api/read.ts';
import type { Query } from '../../api/read.ts';
import type { Filter } from '../../parts/bulk.ts';
import { DataTable } from '../../parts/data-table.tsx';
import type { Column } from '../../parts/data-table.tsx';
import { EndpointUrl } from '../../parts/endpoint-url.tsx';
import { reasonWords } from '../../parts/reason-words.ts';
import { ShortText } from '../../parts/short-text.tsx';
import { Time } from '../../parts/time.tsx';
import { visibleLine } from '../../parts/visible-text.ts';
import type { Answers } from '../../../src/client/index.ts';
import { NoDeadLetters } from './no-dead-letters.tsx';
import type { Wish } from './settle-dialog.tsx';
import { openFilterOf } from './use-fields.ts';

type DeadLetterGroup = Answers['DeadLetterGroup'];

export interface GroupsViewProps {
  readonly filter: Query;
  /** Only open ones can be settled. */
  readonly isOpen: boolean;
  readonly isFiltered: boolean;
  readonly onWish: (wish: Wish) => void;
}

const columns: readonly Column<DeadLetterGroup>[] = [
  { header: 'Where', cell: (group) => <Where group={group} /> },
  { header: 'Why', cell: ({ reason }) => <ShortText text={reasonWords(reason)} /> },
  { header: 'Dead', cell: ({ count }) => count.toLocaleString('en'), isNumber: true },
  { header: 'First', cell: ({ first_died_at: at }) => <Time at={at} /> },
  { header: 'Last', cell: ({ last_died_at: at }) => <Time at={at} /> },
];

/** Dead letters by place and reason, most first. */
export function GroupsView({ filter, isOpen, isFiltered, onWish }: GroupsViewProps): JSX.Element {
  const state = filter['state'];
  const groups = useRead('/v1/dead-letters/groups', { query: filter, everyMs: 10_000 });
  const actions: Column<DeadLetterGroup> = {
    header: 'All of them',
    cell: (group) => <Actions group={group} filter={filter} onWish={onWish} />,
  };
  return (
    <>
      <DataTable
        label="Groups of dead letters"
        list={viewOf(groups, ({ data }) => data)}
        columns={isOpen ? [...columns, actions] : columns}
        rowId={({ kind, endpoint_id, trigger, reason }) =>
          JSON.stringify([kind, endpoint_id, trigger, reason])
        }
        rowPath={(group) =>
          `/dead-letters${formatSearch({
            ...narrowed(filter, group),
            view: 'list',
            state: state === 'open' ? undefined : (state ?? 'all'),
          })}`
        }
        empty={<NoDeadLetters isFiltered={isFiltered} />}
      />
      {groups.data?.is_cut === true && (
        <Text size="sm" role="note">
          These are the largest groups. There are more, of fewer dead letters each: the list has
          them all, and a filter fewer.
        </Text>
      )}
    </>
  );
}

/** The filter, and of it this group. */
function narrowed(filter: Query, group: DeadLetterGroup): Filter {
  const { kind, endpoint_id, trigger, reason } = group;
  return openFilterOf({
    ...filter,
    kind,
    reason,
    ...(endpoint_id !== null && { endpoint_id }),
    ...(trigger !== null && { trigger }),
  });
}

function Where({
  group: { endpoint_id: id, endpoint_url: url, trigger },
}: {
  group: DeadLetterGroup;
}): JSX.Element {
  if (trigger !== null) return <>Trigger {visibleLine(trigger)}</>;
  return id === null ? <>–</> : <EndpointUrl id={id} url={url} isPlain />;
}

function Actions(props: {
  group: DeadLetterGroup;
  filter: Query;
  onWish: GroupsViewProps['onWish'];
}): JSX.Element {
  const { group, filter, onWish } = props;
  const target = { filter: narrowed(filter, group) };
  const count = group.count.toLocaleString('en');
  const place = visibleLine(group.trigger ?? group.endpoint_url ?? 'a deleted endpoint');
  const which = `${place}: ${reasonWords(group.reason)}`;
  return (
    <Group gap={6}>
      <Button
        size="compact-xs"
        aria-label={`Redrive all ${count} of ${which}`}
        onClick={() => onWish({ verb: 'redrive', target })}
      >
        Redrive all {count}
      </Button>
      <Button
        size="compact-xs"
        variant="default"
        aria-label={`Discard all ${count} of ${which}`}
        onClick={() => onWish({ verb: 'discard', target })}
      >
        Discard all
      </Button>
    </Group>
  );
}
