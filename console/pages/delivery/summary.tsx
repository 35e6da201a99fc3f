import { Text } from '@mantine/core';
import type { JSX } from 'react';
import { AppLink } from '../../parts/app-link.tsx';
import { outcomeWords, reasonWords } from '../../parts/reason-words.ts';
import { Countdown } from '../../parts/time.tsx';
import type { Delivery } from './rungs.ts';

/** Where a delivery stands and what happens next, in a sentence or two. */
export function Summary({ delivery }: { delivery: Delivery }): JSX.Element {
  return (
    <Text role="status" component="div">
      <Words delivery={delivery} />
    </Text>
  );
}

function Words({ delivery }: { delivery: Delivery }): JSX.Element {
  const { state, attempt_count: count, last_status, last_reason } = delivery;
  const last = outcomeWords(last_status, last_reason);
  switch (state) {
    case 'pending':
      return <Pending delivery={delivery} />;
    case 'retrying':
      return (
        <>
          Attempt {count} failed: {last}. <Next delivery={delivery} />
        </>
      );
    case 'delivered':
      return (
        <>
          Delivered with attempt {count}: {last}.
        </>
      );
    case 'dead':
      return <Dead delivery={delivery} />;
    case 'cancelled':
      return <>Ended without another attempt{last_reason && `: ${reasonWords(last_reason)}`}.</>;
    case 'parked':
    case 'skipped':
      return <>{notSent[state]}</>;
  }
}

const notSent = {
  parked: 'Held back because its endpoint is, or was, paused. Resuming the endpoint sends it.',
  skipped: 'Never sent: the endpoint was disabled when the event came. A redrive sends it.',
} as const;

function Pending({ delivery: { ladder } }: { delivery: Delivery }): JSX.Element {
  const isTaken = ladder[0]?.state === 'running';
  return <>{isTaken ? 'The first attempt is under way.' : 'It waits for Temporal to take it.'}</>;
}

function Next({ delivery }: { delivery: Delivery }): JSX.Element | null {
  const { attempt_count: count, next_attempt_at: at, schedule } = delivery;
  if (at === null) return null;
  return (
    <>
      Attempt {count + 1} of {schedule.length}: <Countdown to={at} />.
    </>
  );
}

function Dead({ delivery }: { delivery: Delivery }): JSX.Element {
  const { attempt_count: count, last_reason: reason, workflow_id } = delivery;
  const died = count === 1 ? 'Its attempt failed' : `Its ${count} attempts failed`;
  return (
    <>
      {died}
      {reason !== null && `, the last with: ${reasonWords(reason)}`}. It is a{' '}
      <AppLink to={`/dead-letters?view=list&state=all&text=${workflow_id}`}>dead letter</AppLink>:
      redrive it when the endpoint works again.
    </>
  );
}
