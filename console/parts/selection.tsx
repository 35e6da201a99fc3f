import { Button, Group, Text } from '@mantine/core';
import { useState } from 'react';
import type { JSX } from 'react';
import { useSearchTexts } from '../address.ts';
import type { Query } from '../api/read.ts';

/** Which rows are ticked. */
export interface Selection {
  readonly ids: ReadonlySet<string>;
  /** Everything that matches the filters is meant, on all pages; then `ids` does not count. */
  readonly isAllMatching: boolean;
  readonly has: (id: string) => boolean;
  readonly setMany: (ids: readonly string[], isSelected: boolean) => void;
  readonly selectAllMatching: () => void;
  readonly clear: () => void;
}

/** Ticked rows of a `DataTable`. They stay when the page is turned. */
export function useSelection(): Selection {
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set());
  const [isAllMatching, setAllMatching] = useState(false);
  return {
    ids,
    isAllMatching,
    has: (id) => isAllMatching || ids.has(id),
    setMany(changed, isSelected) {
      const others = [...ids].filter((id) => !changed.includes(id));
      setIds(new Set(isSelected ? [...others, ...changed] : others));
      setAllMatching(false);
    },
    selectAllMatching: () => setAllMatching(true),
    clear() {
      setIds(new Set());
      setAllMatching(false);
    },
  };
}

/** The same where a filter is: other filters mean other rows, and what was ticked before is not meant any more. */
export function useFilteredSelection(filter: Query): Selection {
  const selection = useSelection();
  const { range } = useSearchTexts();
  // "The last hour" moves on by the minute, and means the same.
  const asked = JSON.stringify(range === undefined ? filter : { ...filter, from: range });
  const [lastAsked, setLastAsked] = useState(asked);
  if (asked !== lastAsked) {
    setLastAsked(asked);
    selection.clear();
  }
  return selection;
}

/** How many are ticked, and the offer to mean all that match; part of `DataTable`. */
export function SelectionBanner(props: {
  selection: Selection;
  pageIds: readonly string[];
  hasMore: boolean;
}): JSX.Element | null {
  const { selection, pageIds, hasMore } = props;
  const { ids, isAllMatching } = selection;
  if (ids.size === 0 && !isAllMatching) return null;
  const isPageFull = pageIds.length > 0 && pageIds.every((id) => ids.has(id));
  return (
    <Group gap="xs" role="status">
      <Text size="sm">
        {isAllMatching ? 'All that match the filters are selected' : `${ids.size} selected`}
      </Text>
      {isPageFull && hasMore && !isAllMatching && (
        <Button variant="default" size="compact-sm" onClick={selection.selectAllMatching}>
          Select all that match the filters
        </Button>
      )}
      <Button variant="subtle" size="compact-sm" onClick={selection.clear}>
        Clear
      </Button>
    </Group>
  );
}
