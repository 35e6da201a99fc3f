import { Title } from '@mantine/core';
import type { JSX } from 'react';
import { Id } from '../../parts/id.tsx';
import { KeyValues } from '../../parts/key-values.tsx';
import { Countdown, Time } from '../../parts/time.tsx';
import { visibleLine } from '../../parts/visible-text.ts';
import type { Answers } from '../../../src/client/index.ts';
import { guardFacts } from './guard-words.ts';

type Run = Answers['TriggerRunWithGuards'];

/** What holds a run back, by which keys, and since when it is held or let go; nothing for a run that nothing holds. */
export function Guards({ run }: { run: Run }): JSX.Element | null {
  const { guards, parts } = run;
  if (guards === null) return null;
  const isWaiting = guards.admitted_at === null && run.ended_at === null;
  return (
    <section aria-label="What holds it back">
      <Title order={2} mb="xs">
        What holds it back
      </Title>
      <KeyValues
        facts={[
          ...guardFacts(guards),
          [
            'Came to the join',
            parts.length === 0 ? undefined : <Parts key="parts" parts={parts} />,
          ],
          ['Waits since', isWaiting ? <Time key="since" at={run.created_at} isExact /> : undefined],
          ['Waits for the others until', isWaiting ? moment(guards.join_until) : undefined],
          ['Begins', isWaiting ? moment(guards.go_at) : undefined],
          ['Let go', isWaiting ? 'not yet' : <Time key="let" at={guards.admitted_at} isExact />],
          ['Replaced by', guards.replaced_by === null ? undefined : <Id id={guards.replaced_by} />],
        ]}
      />
    </section>
  );
}

function moment(at: string | null): JSX.Element | undefined {
  return at === null ? undefined : <Countdown to={at} />;
}

function Parts({ parts }: { parts: Run['parts'] }): JSX.Element {
  return (
    <>
      {parts.map(({ part, event_id: id }) => (
        <div key={part}>
          {visibleLine(part)} <Id id={id} />
        </div>
      ))}
    </>
  );
}
