import type { JSX } from 'react';
import { useSearchTexts } from '../../address.ts';
import { useList } from '../../api/list.ts';
import type { Row } from '../../api/list.ts';
import { AppLink } from '../../parts/app-link.tsx';
import type { Column } from '../../parts/data-table.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { useTriggerField } from '../../parts/filter-options.ts';
import { useFilters } from '../../parts/filters.ts';
import type { FilterField } from '../../parts/filters.ts';
import { Id } from '../../parts/id.tsx';
import { ListPage } from '../../parts/list-page.tsx';
import { ShortText } from '../../parts/short-text.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { Duration, Time } from '../../parts/time.tsx';
import { visibleLine } from '../../parts/visible-text.ts';
import { reasonOf, runStates, tookMs } from './run-words.ts';

type Run = Row<'/v1/trigger-runs'>;

const textField: FilterField = {
  kind: 'text',
  name: 'text',
  label: 'Id or trigger',
  placeholder: 'run_…, evt_… or a trigger’s name',
};
const stateField: FilterField = {
  kind: 'select',
  name: 'state',
  label: 'State',
  options: runStates,
};
const eventField: FilterField = {
  kind: 'text',
  name: 'event_id',
  label: 'Event',
  placeholder: 'evt_…',
};
const timeField: FilterField = { kind: 'time', label: 'Made' };

const columns: readonly Column<Run>[] = [
  { header: 'Made', cell: ({ created_at: at }) => <Time at={at} /> },
  { header: 'Trigger', cell: ({ trigger }) => visibleLine(trigger) },
  { header: 'Event type', cell: ({ event_type: type }) => <ShortText text={type} /> },
  { header: 'State', cell: ({ state, reason }) => <StateBadge state={state} reason={reason} /> },
  { header: 'Reason', cell: ({ reason }) => <ShortText text={reasonOf(reason)} /> },
  { header: 'Took', cell: (run) => <Duration ms={tookMs(run)} /> },
  { header: 'Event', cell: ({ event_id: id }) => <Id id={id} /> },
  { header: 'Run', cell: ({ id }) => <Id id={id} /> },
];

/** How often the first page is read again: what is under way changes. */
const refreshMs = 5000;

/** Every time that a trigger acted on an event, or was held back, newest first. */
export function Page(): JSX.Element {
  const fields = useFields();
  const { cursor } = useSearchTexts();
  const everyMs = cursor === undefined && refreshMs;
  const list = useList('/v1/trigger-runs', useFilters(fields), { everyMs });
  return (
    <ListPage
      title="Trigger runs"
      about="Each time that a trigger fired for an event: what it started, or why it was held back."
      fields={fields}
      list={list}
      columns={columns}
      rowId={({ id }) => id}
      rowPath={({ id }) => `/trigger-runs/${id}`}
      empty={
        <EmptyState title="No trigger run yet" command="npx durahook send github pull_request">
          Each event that a <AppLink to="/triggers">trigger</AppLink> fires for makes one. Send a
          signed sample:
        </EmptyState>
      }
    />
  );
}

function useFields(): readonly FilterField[] {
  const trigger = useTriggerField();
  const { event_id: eventId } = useSearchTexts();
  const fields = [textField, stateField, trigger, timeField];
  // Only where a link names one: the text finds events too.
  return eventId === undefined ? fields : [...fields, eventField];
}
