import { Alert, Group, Text } from '@mantine/core';
import type { JSX } from 'react';
import { useRead } from '../../api/read.ts';
import { AppLink } from '../../parts/app-link.tsx';
import { Icon } from '../../parts/icon.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { Timeline } from '../../parts/timeline.tsx';
import { PageLoading } from '../../shell/page-loading.tsx';
import type { Answers } from '../../../src/client/index.ts';
import { Section } from './section.tsx';
import { timelineOf } from './timeline-items.tsx';
import { isUnderWay } from './under-way.ts';

type Explanation = Answers['EventTimeline'];

/** While attempts are made they should be seen; a tab that nobody looks at asks nothing. */
const everyMs = 4000;

/** What happened to the event, why, and what comes next. */
export function Explained({ id }: { id: string }): JSX.Element {
  const { data, error, refetch } = useRead('/v1/events/{id}/explain', {
    id,
    everyMs: (known) => (!known || isUnderWay(known)) && everyMs,
  });
  return (
    <Section title="What happened">
      {error && <ProblemAlert error={error} onRetry={() => void refetch()} />}
      {!data && !error && <PageLoading />}
      {data && (
        <>
          <Outcome explanation={data} />
          <Timeline items={timelineOf(data)} />
          {data.is_cut && <CutNote id={id} />}
        </>
      )}
    </Section>
  );
}

/** In one line what came of it: who reads on has a reason. */
function Outcome({ explanation }: { explanation: Explanation }): JSX.Element {
  const { runs, deliveries, event } = explanation;
  if (runs.length === 0 && deliveries.length === 0) {
    return (
      <Text size="sm">
        {event.direction === 'inbound'
          ? 'No trigger fired: nothing followed from it.'
          : 'It is for no endpoint: nothing was sent.'}
      </Text>
    );
  }
  return (
    <Group gap="xs">
      <Counts what="run" states={runs.map(({ state }) => state)} />
      <Counts what="delivery" states={deliveries.map(({ state }) => state)} />
    </Group>
  );
}

const plurals = { run: 'runs', delivery: 'deliveries' } as const;

function Counts(props: { what: keyof typeof plurals; states: readonly string[] }): JSX.Element {
  const { what, states } = props;
  const kinds = [...new Set(states)];
  return (
    <>
      {kinds.map((state) => {
        const count = states.filter((it) => it === state).length;
        return (
          <Group key={state} gap={4}>
            <Text size="sm">
              {count} {count === 1 ? what : plurals[what]}
            </Text>
            <StateBadge state={state} />
          </Group>
        );
      })}
    </>
  );
}

function CutNote({ id }: { id: string }): JSX.Element {
  return (
    <Alert color="yellow" icon={<Icon name="info" />} title="There is more than is told here">
      <AppLink to={`/deliveries?event_id=${id}`}>The deliveries of this event</AppLink> are all in
      their list.
    </Alert>
  );
}
