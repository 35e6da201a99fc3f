import type { Row } from '../../api/list.ts';
import type { Column } from '../../parts/data-table.tsx';
import { Id } from '../../parts/id.tsx';
import { ShortText } from '../../parts/short-text.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { Time } from '../../parts/time.tsx';
import { visibleLine } from '../../parts/visible-text.ts';
import { reasonOf } from '../trigger-runs/run-words.ts';

/** Runs of one trigger. */
export const runColumns: readonly Column<Row<'/v1/trigger-runs'>>[] = [
  { header: 'When', cell: ({ created_at }) => <Time at={created_at} /> },
  { header: 'State', cell: ({ state, reason }) => <StateBadge state={state} reason={reason} /> },
  { header: 'Event', cell: ({ event_id }) => <Id id={event_id} /> },
  {
    header: 'Type',
    // Within words only a line that is full is broken: a narrow column would be.
    cell: ({ event_type }) => (
      <span style={{ overflowWrap: 'break-word' }}>{visibleLine(event_type)}</span>
    ),
  },
  { header: 'Reason', cell: ({ reason }) => <ShortText text={reasonOf(reason)} /> },
  { header: 'Revision', cell: ({ revision }) => revision, isNumber: true },
  { header: 'Cycle', cell: ({ cycle }) => cycle, isNumber: true },
];
