import { SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import type { JSX } from 'react';
import { useSearchTexts, useSetSearch } from '../../address.ts';
import { FilterBar } from '../../parts/filter-bar.tsx';
import { useIsFiltered } from '../../parts/filters.ts';
import { PageHeader } from '../../parts/page-header.tsx';
import { GroupsView } from './groups-view.tsx';
import { ListView } from './list-view.tsx';
import { OutcomeLine, SettleDialog } from './settle-dialog.tsx';
import type { Outcome, Wish } from './settle-dialog.tsx';
import { useDeadLetterFilter } from './use-fields.ts';

/** What failed with every attempt: by place and reason, or one by one, to be redriven or discarded. */
export function Page(): JSX.Element {
  const { fields, filter, isOpen } = useDeadLetterFilter();
  const isFiltered = useIsFiltered(fields);
  const isList = useSearchTexts()['view'] === 'list';
  const [wish, setWish] = useState<Wish | null>(null);
  const [outcomes, setOutcomes] = useState<readonly Outcome[]>([]);
  const outcome = outcomes.at(-1);
  const shown = { filter, isOpen, isFiltered, onWish: setWish };
  return (
    <>
      <PageHeader
        title="Dead letters"
        about="Deliveries and trigger runs that failed with every attempt. Nothing is lost: redrive them when the cause is gone."
        actions={<ViewSwitch isList={isList} />}
      />
      {outcome && <OutcomeLine outcome={outcome} />}
      <FilterBar fields={fields} />
      {/* What was ticked is settled: a new list has nothing ticked. */}
      {isList ? <ListView key={outcomes.length} {...shown} /> : <GroupsView {...shown} />}
      {wish && (
        <SettleDialog
          wish={wish}
          onClose={() => setWish(null)}
          onDone={(done) => setOutcomes([...outcomes, done])}
        />
      )}
    </>
  );
}

function ViewSwitch({ isList }: { isList: boolean }): JSX.Element {
  const setSearch = useSetSearch();
  return (
    <SegmentedControl
      size="xs"
      aria-label="View"
      data={[
        { value: 'groups', label: 'By place and reason' },
        { value: 'list', label: 'One by one' },
      ]}
      value={isList ? 'list' : 'groups'}
      onChange={(view) => setSearch({ view, cursor: undefined })}
    />
  );
}
