import { Text } from '@mantine/core';
import type { JSX } from 'react';
import { AppLink } from '../../parts/app-link.tsx';
import { outcomeWords, reasonWords } from '../../parts/reason-words.ts';
import { Countdown, Time } from '../../parts/time.tsx';
import { isAwaitingAck } from './rungs.ts';
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
  const reason = last_reason ?? '';
  switch (state) {
    case 'pending':
      return <Pending delivery={delivery} />;
    case 'retrying':
      return <Retrying delivery={delivery} />;
    case 'delivered':
      return (
        <>
          Delivered with attempt {count}: {outcomeWords(last_status, last_reason)}.
        </>
      );
    case 'dead':
      return <Dead delivery={delivery} />;
    case 'cancelled':
      return <>{withReason('Ended without another attempt', reason)}.</>;
    case 'parked':
      return <>{parkedWords.get(reason) ?? 'Held back until it is released.'}</>;
    case 'skipped':
      return <>{skippedWords(reason)}</>;
  }
}

const parkedWords: ReadonlyMap<string, string> = new Map([
  ['endpoint_paused', 'Held back: its endpoint is paused. Resuming the endpoint sends it.'],
  [
    'outage',
    'Held back: its endpoint does not answer. It is sent when the endpoint answers again; releasing it tries that now.',
  ],
  ['held', 'Held back by a person or a key: nothing is sent of it until it is released.'],
]);

function skippedWords(reason: string): string {
  if (reason === 'endpoint_disabled') {
    return 'Never sent: its endpoint was disabled. Enabling the endpoint sends it, or a redrive.';
  }
  return `${withReason('Never sent', reason)}. A redrive sends it.`;
}

function withReason(words: string, reason: string): string {
  return reason === '' ? words : `${words}: ${reasonWords(reason)}`;
}

function Pending({ delivery }: { delivery: Delivery }): JSX.Element {
  const { is_in_line: isInLine, waits_for: ahead, ladder } = delivery;
  if (isInLine && ahead === null) return <>In line: its turn comes in a moment.</>;
  if (isInLine) {
    return (
      <>
        In line behind <AppLink to={`/deliveries/${ahead}`}>another of its key</AppLink>: it is sent
        when that has ended.
      </>
    );
  }
  const limit = limitOf(delivery);
  if (limit !== undefined) {
    return (
      <>
        The first attempt waits for its turn: {limit}. <AsksAgain delivery={delivery} />
      </>
    );
  }
  const isTaken = ladder[0]?.state === 'running';
  return <>{isTaken ? 'The first attempt is under way.' : 'It waits for Temporal to take it.'}</>;
}

function Retrying({ delivery }: { delivery: Delivery }): JSX.Element {
  const { attempt_count: count, next_attempt_at: at } = delivery;
  if (isAwaitingAck(delivery)) {
    return (
      <>
        Attempt {count} was taken, and the consumer says later whether its work is done
        {at !== null && (
          <>
            ; until then it waits, at most to <Time at={at} isExact />
          </>
        )}
        .
      </>
    );
  }
  const limit = limitOf(delivery);
  return (
    <>
      Attempt {count} failed: {lastOutcome(delivery)}.{' '}
      {limit === undefined ? (
        <Next delivery={delivery} />
      ) : (
        <>
          Attempt {count + 1} waits for its turn: {limit}. <AsksAgain delivery={delivery} />
        </>
      )}
    </>
  );
}

/** What came of the last attempt that was made: the row tells what it waits for now. */
function lastOutcome({ ladder, last_status, last_reason }: Delivery): string {
  const last = ladder.findLast(({ attempt }) => attempt !== undefined)?.attempt;
  return last ? outcomeWords(last.status, last.reason) : outcomeWords(last_status, last_reason);
}

/** Which limit of its endpoint it waits for, if any. */
function limitOf({ last_reason: reason }: Delivery): string | undefined {
  if (reason === 'rate_limited') return 'its endpoint takes only so many per second';
  return reason === 'in_flight_limit'
    ? 'as many as its endpoint takes at one time are under way'
    : undefined;
}

function AsksAgain({ delivery: { next_attempt_at: at } }: { delivery: Delivery }): JSX.Element {
  if (at === null) return <></>;
  return (
    <>
      At the latest it asks again <Countdown to={at} />.
    </>
  );
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
