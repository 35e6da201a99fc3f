import { Group, SimpleGrid, Skeleton, Stack, Text, Title } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { UseQueryResult } from '@tanstack/react-query';
import type { JSX } from 'react';
import { viewOf } from '../../api/list.ts';
import type { ApiProblem } from '../../api/problem.ts';
import { DataTable } from '../../parts/data-table.tsx';
import type { Column } from '../../parts/data-table.tsx';
import { Id } from '../../parts/id.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { Stat } from '../../parts/stat.tsx';
import { Badge, StateBadge } from '../../parts/state-badge.tsx';
import { durationWords } from '../../parts/time-words.ts';
import { Time } from '../../parts/time.tsx';
import { visibleLine } from '../../parts/visible-text.ts';
import type { DryRun } from '../replay/dry-run.ts';
import { countWords, subjectOf } from '../replay/replay-words.ts';
import type { Subject } from '../replay/replay-words.ts';
import { dryRun, whatOf } from './request.ts';
import type { ReplayBody } from './request.ts';

/** Long enough that a number that is being typed is counted once. */
const typingMs = 400;

/** What the form would start again, asked anew a moment after each change of it. */
export function useDryRun(
  request: ReplayBody | undefined,
): UseQueryResult<DryRun, ApiProblem> & { readonly isCurrent: boolean } {
  const [asked] = useDebouncedValue(request, typingMs);
  const result = useQuery<DryRun, ApiProblem>({
    queryKey: ['replay dry run', asked],
    queryFn: ({ signal }) => {
      if (asked === undefined) throw new Error('There is no timeframe to count');
      return dryRun(asked, signal);
    },
    enabled: asked !== undefined,
    placeholderData: keepPreviousData,
  });
  const isCurrent = asked === request && !result.isPlaceholderData && result.isSuccess;
  return { ...result, isCurrent };
}

/** What would be started again: how many, of which types, and some of them. */
export function Counted({
  request,
  counted,
}: {
  request: ReplayBody | undefined;
  counted: ReturnType<typeof useDryRun>;
}): JSX.Element {
  const { data, error, refetch, isCurrent } = counted;
  return (
    <Stack gap="sm" component="section" aria-label="What it starts again">
      <Group gap="xs">
        <Title order={3} size="h4">
          What it starts again
        </Title>
        {request && !isCurrent && !error && (
          <Badge tone="busy" icon="clock">
            counting
          </Badge>
        )}
      </Group>
      <Body request={request} counted={counted} />
      {request && error && <NotCounted error={error} onRetry={() => void refetch()} />}
      {request && !error && !data && <Skeleton height={80} aria-label="Counting" />}
    </Stack>
  );
}

/** What is wrong with a field is said there. */
function NotCounted(props: { error: ApiProblem; onRetry: () => void }): JSX.Element {
  const { error, onRetry } = props;
  if (error.said.errors.length === 0) return <ProblemAlert error={error} onRetry={onRetry} />;
  return (
    <Text size="sm" role="alert">
      Nothing can be counted: a field above says what does not fit.
    </Text>
  );
}

function Body(props: Parameters<typeof Counted>[0]): JSX.Element | null {
  const { request, counted } = props;
  const { data, error } = counted;
  if (!request) {
    return (
      <Text size="sm" role="status">
        Choose a timeframe first: what would be started again is counted here. Nothing is started
        before you confirm it.
      </Text>
    );
  }
  if (error || !data) return null;
  const subject = subjectOf(whatOf(request));
  return (
    <>
      <Figures counted={data} subject={subject} />
      {data.planned === 0 ? (
        <Text size="sm">{nothingWords(data, subject)}</Text>
      ) : (
        <>
          <Text size="sm">{visibleLine(data.will)}.</Text>
          <Types counted={data} />
          <Samples subject={subject} counted={counted} />
        </>
      )}
    </>
  );
}

function nothingWords({ planned_is_estimate: isEstimate }: DryRun, subject: Subject): string {
  if (isEstimate) {
    return 'None of the newest matches, and there are too many to ask each: choose a shorter timeframe.';
  }
  return subject === 'event'
    ? 'No event of this timeframe matches.'
    : 'Nothing in this timeframe has ended and matches. What is still under way is never replayed.';
}

function Figures(props: { counted: DryRun; subject: Subject }): JSX.Element {
  const { counted, subject } = props;
  const { planned, planned_is_estimate: isEstimate, estimated_s: seconds, failures } = counted;
  return (
    <SimpleGrid cols={{ base: 2, sm: 4 }} spacing="xs" role="status">
      <Stat
        label={subject === 'event' ? 'events would be sent' : 'would be started again'}
        value={`${isEstimate ? 'about ' : ''}${countWords(planned)}`}
        note={isEstimate ? `an estimate, of ${countWords(counted.confirm)}` : 'counted'}
      />
      <Stat label="time it takes, about" value={durationWords(seconds * 1000)} />
      {failures > 0 && (
        <Stat
          label="would fail"
          value={failures}
          tone="bad"
          note="the filter has no value for them"
        />
      )}
    </SimpleGrid>
  );
}

/** Enough for the eye; the rest is a number. */
const typesShown = 8;

function Types({ counted }: { counted: DryRun }): JSX.Element {
  const { per_type: types, planned_is_estimate: isEstimate } = counted;
  const rest = types.length - typesShown;
  return (
    <Group gap="xs" aria-label="By event type" role="group">
      {isEstimate && <Text size="sm">Of the newest:</Text>}
      {types.slice(0, typesShown).map(({ event_type: type, count }) => (
        <Badge key={type} tone="idle">
          {`${visibleLine(type)}: ${countWords(count)}`}
        </Badge>
      ))}
      {rest > 0 && <Text size="xs">and {rest} more types</Text>}
    </Group>
  );
}

type Sample = DryRun['sample'][number];

const made: Column<Sample> = {
  header: 'Made',
  cell: ({ created_at: at }) => <Time at={at} />,
};
const eventType: Column<Sample> = {
  header: 'Event type',
  cell: ({ event_type: type }) => visibleLine(type),
};
const event: Column<Sample> = { header: 'Event', cell: ({ event_id: id }) => <Id id={id} /> };

const common: readonly Column<Sample>[] = [
  made,
  eventType,
  { header: 'State', cell: ({ state }) => <StateBadge state={state} /> },
  event,
];

const columns: Readonly<Record<Subject, readonly Column<Sample>[]>> = {
  delivery: [
    { header: 'Delivery', cell: ({ id }) => <Id id={id} /> },
    ...common,
    { header: 'Endpoint', cell: ({ endpoint_id: id }) => <Id id={id} /> },
  ],
  trigger_run: [
    { header: 'Trigger run', cell: ({ id }) => <Id id={id} /> },
    ...common,
    { header: 'Trigger', cell: ({ trigger }) => (trigger === null ? '–' : visibleLine(trigger)) },
  ],
  event: [event, made, eventType],
};

function Samples(props: { subject: Subject; counted: ReturnType<typeof useDryRun> }): JSX.Element {
  const { subject, counted } = props;
  return (
    <div>
      <Text size="sm" c="dimmed" mb={4}>
        The newest of them:
      </Text>
      <DataTable
        label="The newest of what it starts again"
        list={viewOf(counted, ({ sample }) => sample)}
        columns={columns[subject]}
        rowId={({ id }) => id}
        empty={null}
      />
    </div>
  );
}
