import { Stack, Text, Title } from '@mantine/core';
import type { JSX } from 'react';
import { useRead } from '../../api/read.ts';
import { AppLink } from '../../parts/app-link.tsx';
import { Id } from '../../parts/id.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { visibleLine } from '../../parts/visible-text.ts';
import type { Answers } from '../../../src/client/index.ts';
import { isUnderWay } from '../event/under-way.ts';

type Explanation = Answers['EventTimeline'];

const everyMs = 10_000;

/** What a run emitted, and where that went: the explanation of its event knows. */
export function Followed({ run }: { run: Answers['TriggerRun'] }): JSX.Element {
  const { id, event_id: eventId, state } = run;
  const isRunning = state === 'pending' || state === 'running';
  const { data, error } = useRead('/v1/events/{id}/explain', {
    id: eventId,
    everyMs: (known) => (isRunning || !known || isUnderWay(known)) && everyMs,
  });
  const emitted = data?.emitted_events.filter(({ run_id }) => run_id === id) ?? [];
  return (
    <section aria-label="What it emitted">
      <Title order={2} mb="xs">
        What it emitted
      </Title>
      {error && <ProblemAlert error={error} />}
      <Stack gap="xs">
        {data && emitted.length === 0 && <Text size="sm">No event</Text>}
        {emitted.map(({ event_id: emittedId, type }) => (
          <div key={emittedId}>
            <AppLink to={`/events/${emittedId}`}>{visibleLine(type)}</AppLink> <Id id={emittedId} />
            <Deliveries all={data?.deliveries ?? []} eventId={emittedId} />
          </div>
        ))}
        <Text size="sm">
          <AppLink to={`/events/${eventId}`}>The whole story, from the request on</AppLink>
        </Text>
      </Stack>
    </section>
  );
}

function Deliveries(props: { all: Explanation['deliveries']; eventId: string }): JSX.Element {
  const own = props.all.filter(({ event_id }) => event_id === props.eventId);
  if (own.length === 0) return <Text size="sm">It is for no endpoint</Text>;
  return (
    <ul style={{ margin: 0, paddingLeft: 20 }}>
      {own.map(({ id, endpoint_url: url, endpoint_id: endpointId, state }) => (
        <li key={id}>
          <Text size="sm" component="span">
            <Id id={id} /> to {visibleLine(url ?? endpointId)} <StateBadge state={state} />
          </Text>
        </li>
      ))}
    </ul>
  );
}
