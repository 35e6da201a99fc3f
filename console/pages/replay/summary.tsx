import { Text } from '@mantine/core';
import type { JSX } from 'react';
import { AppLink } from '../../parts/app-link.tsx';
import { durationWords } from '../../parts/time-words.ts';
import { Time } from '../../parts/time.tsx';
import { useNow } from '../../parts/use-now.ts';
import { countWords, leftOf } from './replay-words.ts';
import type { Replay } from './replay-words.ts';

/** A running replay that starts nothing for so long has nobody who works on it. */
const idleMs = 30_000;

/** Where a replay stands and what happens next, in a sentence or two. */
export function Summary({ replay }: { replay: Replay }): JSX.Element {
  return (
    <Text size="sm" component="div">
      <Words replay={replay} />
    </Text>
  );
}

function Words({ replay }: { replay: Replay }): JSX.Element {
  const { state, done, failed, paused_at: pausedAt } = replay;
  const left = countWords(leftOf(replay));
  switch (state) {
    case 'pending':
      return (
        <>
          It waits for a worker to take it. <Helpless replay={replay} />
        </>
      );
    case 'running':
      return <Running replay={replay} />;
    case 'paused':
      return (
        <>
          Paused <Time at={pausedAt} />: none of the {left} that are left is started before it is
          resumed.
        </>
      );
    case 'completed':
      return (
        <>
          Through: {countWords(done)} started again{failed > 0 && `, ${countWords(failed)} not`}.
        </>
      );
    case 'cancelled':
      return (
        <>
          Cancelled: {countWords(done)} had been started again and go on; the {left} that were left
          stay as they are.
        </>
      );
    case 'failed':
      return <>The job itself failed. Its workflow says why; what it had started goes on.</>;
  }
}

function Running({ replay }: { replay: Replay }): JSX.Element {
  const { per_minute: speed, eta_s: eta, rate } = replay;
  if (speed === 0) {
    return (
      <>
        Under way, up to {rate} per second. <Helpless replay={replay} />
      </>
    );
  }
  return (
    <>
      {countWords(speed)} in the last minute
      {eta !== null && `: about ${durationWords(eta * 1000)} left`}.
    </>
  );
}

/** What to look at when nothing happens for a while. */
function Helpless({ replay }: { replay: Replay }): JSX.Element | null {
  const now = useNow(5000);
  const since = Date.parse(replay.started_at ?? replay.created_at);
  if (now - since < idleMs) return null;
  return (
    <>
      Nothing has been started for a while: <AppLink to="/settings/system">System</AppLink> tells
      whether Temporal is up and a worker polls.
    </>
  );
}
