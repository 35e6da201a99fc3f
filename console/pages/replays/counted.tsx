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
import { countWords } from '../replay/replay-words.ts';
import { dryRun } from './request.ts';
import type { DryRun, ReplayBody } from './request.ts';

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
      {request && error && <ProblemAlert error={error} onRetry={() => void refetch()} />}
      {request && !error && !data && <Skeleton height={80} aria-label="Counting" />}
    </Stack>
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
  return (
    <>
      <Figures counted={data} />
      {data.planned === 0 ? (
        <Text size="sm">
          Nothing in this timeframe has ended and matches. What is still under way is never
          replayed.
        </Text>
      ) : (
        <>
          <Types counted={data} />
          <Samples request={request} counted={counted} />
        </>
      )}
    </>
  );
}

function Figures({ counted: { planned, estimated_s: seconds } }: { counted: DryRun }): JSX.Element {
  return (
    <SimpleGrid cols={{ base: 2, sm: 4 }} spacing="xs" role="status">
      <Stat label="would be started again" value={planned} />
      <Stat label="time it takes, about" value={durationWords(seconds * 1000)} />
    </SimpleGrid>
  );
}

/** Enough for the eye; the rest is a number. */
const typesShown = 8;

function Types({ counted: { per_type: types } }: { counted: DryRun }): JSX.Element {
  const rest = types.length - typesShown;
  return (
    <Group gap="xs" aria-label="By event type" role="group">
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

const common: readonly Column<Sample>[] = [
  { header: 'Made', cell: ({ created_at: at }) => <Time at={at} /> },
  { header: 'Event type', cell: ({ event_type: type }) => visibleLine(type) },
  { header: 'State', cell: ({ state }) => <StateBadge state={state} /> },
  { header: 'Event', cell: ({ event_id: id }) => <Id id={id} /> },
];

const columns = {
  outbound: [
    { header: 'Delivery', cell: ({ id }) => <Id id={id} /> },
    ...common,
    { header: 'Endpoint', cell: ({ endpoint_id: id }) => <Id id={id} /> },
  ],
  inbound: [
    { header: 'Trigger run', cell: ({ id }) => <Id id={id} /> },
    ...common,
    { header: 'Trigger', cell: ({ trigger }) => (trigger === null ? '–' : visibleLine(trigger)) },
  ],
} as const satisfies Record<string, readonly Column<Sample>[]>;

function Samples(props: {
  request: ReplayBody;
  counted: ReturnType<typeof useDryRun>;
}): JSX.Element {
  const { request, counted } = props;
  return (
    <div>
      <Text size="sm" c="dimmed" mb={4}>
        The newest of them:
      </Text>
      <DataTable
        label="The newest of what it starts again"
        list={viewOf(counted, ({ sample }) => sample)}
        columns={columns[request.direction]}
        rowId={({ id }) => id}
        empty={null}
      />
    </div>
  );
}
