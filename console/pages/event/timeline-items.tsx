import type { TimelineItem } from '../../parts/timeline.tsx';
import type { Answers } from '../../../src/client/index.ts';
import { arrivalItems } from './arrival-items.tsx';
import { deliveryItems } from './delivery-items.tsx';
import { notSentItems } from './not-sent.tsx';
import { runItems } from './run-items.tsx';

/** Everything that happened to an event, and what comes next, in the order of time. */
export function timelineOf(explanation: Answers['EventTimeline']): TimelineItem[] {
  const items = [
    ...arrivalItems(explanation),
    ...notSentItems(explanation),
    ...explanation.runs.flatMap((run) => runItems(run, explanation.emitted_events)),
    ...explanation.deliveries.flatMap(deliveryItems),
  ];
  // What is told first stays first: causes come before what they cause, also within a millisecond.
  return items.toSorted((one, other) => timeOf(one) - timeOf(other));
}

function timeOf({ at }: TimelineItem): number {
  return at === null ? Number.POSITIVE_INFINITY : Date.parse(at);
}
