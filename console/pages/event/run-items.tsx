import type { JSX } from 'react';
import { Id } from '../../parts/id.tsx';
import { StateBadge, toneOf } from '../../parts/state-badge.tsx';
import type { TimelineItem } from '../../parts/timeline.tsx';
import { visibleLine } from '../../parts/visible-text.ts';
import { WorkflowLink } from '../../parts/workflow-link.tsx';
import type { Answers } from '../../../src/client/index.ts';
import { reasonOf } from '../trigger-runs/run-words.ts';

type Explanation = Answers['EventTimeline'];
type Run = Explanation['runs'][number];
type Emitted = Explanation['emitted_events'];

/** A run from its firing to its end, with what it emitted on the way. */
export function runItems(run: Run, emitted: Emitted): TimelineItem[] {
  const fired: TimelineItem = {
    key: run.id,
    at: run.created_at,
    icon: 'bolt',
    tone: 'busy',
    title: `Trigger ${visibleLine(run.trigger)} fired`,
    to: `/trigger-runs/${run.id}`,
    detail: <RunDetail run={run} />,
  };
  return [
    fired,
    ...startedItem(run),
    ...emitted.filter(({ run_id }) => run_id === run.id).map(emittedItem),
    ...endedItem(run),
  ];
}

function RunDetail({ run }: { run: Run }): JSX.Element {
  return (
    <>
      <Id id={run.id} /> revision {run.revision}
      {run.cycle > 1 && `, cycle ${run.cycle}`} <StateBadge state={run.state} />
    </>
  );
}

function startedItem(run: Run): TimelineItem[] {
  const { started_at: at, trigger, workflow_id: workflowId } = run;
  const item = { key: `${run.id} started`, icon: 'play', tone: 'busy' } as const;
  if (at !== null) {
    const title = `Its workflow was started (${visibleLine(trigger)})`;
    return [{ ...item, at, title, detail: <WorkflowLink id={workflowId} /> }];
  }
  if (run.state !== 'pending') return [];
  return [
    {
      ...item,
      at: null,
      icon: 'clock',
      tone: 'warn',
      title: `Its workflow is still to be started (${visibleLine(trigger)})`,
      detail: 'The sweeper starts it as soon as Temporal answers',
    },
  ];
}

function endedItem(run: Run): TimelineItem[] {
  const { ended_at: at, state, reason, trigger } = run;
  if (at === null) return [];
  const tone = toneOf(state);
  return [
    {
      key: `${run.id} ended`,
      at,
      icon: tone === 'bad' ? 'close' : 'check',
      tone,
      title: `Trigger run ${state} (${visibleLine(trigger)})`,
      to: `/trigger-runs/${run.id}`,
      ...(reason === null ? {} : { detail: reasonOf(reason) }),
    },
  ];
}

function emittedItem({ event_id: id, type, received_at: at }: Emitted[number]): TimelineItem {
  return {
    key: id,
    at,
    icon: 'send',
    tone: 'busy',
    title: `Emitted ${visibleLine(type)}`,
    to: `/events/${id}`,
    detail: <Id id={id} />,
  };
}
