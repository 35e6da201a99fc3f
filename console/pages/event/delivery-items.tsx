import type { JSX } from 'react';
import { Id } from '../../parts/id.tsx';
import { StateBadge, toneOf } from '../../parts/state-badge.tsx';
import { durationWords } from '../../parts/time-words.ts';
import type { TimelineItem } from '../../parts/timeline.tsx';
import { visibleLine } from '../../parts/visible-text.ts';
import { WorkflowLink } from '../../parts/workflow-link.tsx';
import type { Answers } from '../../../src/client/index.ts';

type Delivery = Answers['EventTimeline']['deliveries'][number];
type Attempt = Delivery['attempts'][number];

/** A delivery from its planning to its end or its next attempt. */
export function deliveryItems(delivery: Delivery): TimelineItem[] {
  const planned: TimelineItem = {
    key: delivery.id,
    at: delivery.created_at,
    icon: 'send',
    tone: 'busy',
    title: `Delivery of ${visibleLine(delivery.event_type)} to ${placeOf(delivery)}`,
    to: `/deliveries/${delivery.id}`,
    detail: <DeliveryDetail delivery={delivery} />,
  };
  return [
    planned,
    ...delivery.attempts.map((attempt) => attemptItem(delivery, attempt)),
    ...nextItem(delivery),
    ...endedItem(delivery),
  ];
}

/** A deleted endpoint has no URL any more. */
function placeOf({ endpoint_url: url, endpoint_id: id }: Delivery): string {
  return visibleLine(url ?? id);
}

function DeliveryDetail({ delivery }: { delivery: Delivery }): JSX.Element {
  const { id, endpoint_id: endpointId, workflow_id: workflowId, state } = delivery;
  return (
    <>
      <Id id={id} /> to <Id id={endpointId} /> <StateBadge state={state} />
      <br />
      Workflow <WorkflowLink id={workflowId} />
    </>
  );
}

function attemptItem(delivery: Delivery, attempt: Attempt): TimelineItem {
  const { number, cycle, started_at: at, duration_ms: durationMs, status, reason } = attempt;
  const isGood = reason === null;
  const result = status === null ? 'no answer' : `answer ${status}`;
  const words = `${result} in ${durationWords(durationMs)}`;
  return {
    key: `${delivery.id} ${cycle} ${number}`,
    at,
    icon: isGood ? 'check' : 'close',
    tone: isGood ? 'good' : 'bad',
    title: `Attempt ${number}${cycle > 1 ? ` of cycle ${cycle}` : ''}: ${words}`,
    to: `/deliveries/${delivery.id}`,
    detail: `${placeOf(delivery)}${isGood ? '' : `: ${visibleLine(reason)}`}`,
  };
}

function nextItem(delivery: Delivery): TimelineItem[] {
  const { id, next_attempt_at: at, state } = delivery;
  if (at === null || (state !== 'pending' && state !== 'retrying')) return [];
  const title = `Next: attempt ${delivery.attempt_count + 1}`;
  const detail = placeOf(delivery);
  return [{ key: `${id} next`, at, icon: 'clock', tone: 'warn', title, detail }];
}

function endedItem(delivery: Delivery): TimelineItem[] {
  const { id, ended_at: at, state, last_reason: reason } = delivery;
  if (at === null) return [];
  const tone = toneOf(state);
  return [
    {
      key: `${id} ended`,
      at,
      icon: tone === 'good' ? 'check' : 'stop',
      tone,
      title: state === 'dead' ? 'The delivery is a dead letter' : `The delivery is ${state}`,
      to: state === 'dead' ? `/dead-letters?state=all&text=${id}` : `/deliveries/${id}`,
      detail: `${placeOf(delivery)}${reason === null ? '' : `: ${visibleLine(reason)}`}`,
    },
  ];
}
