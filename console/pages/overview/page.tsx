import { SegmentedControl, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { JSX } from 'react';
import { useSearchTexts, useSetSearch } from '../../address.ts';
import type { ApiProblem } from '../../api/problem.ts';
import { read, useRead } from '../../api/read.ts';
import type { Answer } from '../../api/read.ts';
import { timeRanges } from '../../parts/filters.ts';
import { PageHeader } from '../../parts/page-header.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { PageLoading } from '../../shell/page-loading.tsx';
import { Activity } from './activity.tsx';
import { FirstSteps } from './first-steps.tsx';
import { Needs } from './needs.tsx';

/** How far back, and in steps of what. The names are those of the time filter of lists. */
const steps: ReadonlyMap<string, '1m' | '5m' | '1h'> = new Map([
  ['1h', '1m'],
  ['24h', '5m'],
  ['7d', '1h'],
]);

const ranges = timeRanges.filter(({ value }) => steps.has(value));

/** Somebody may be watching it on a wall. */
const everyMs = 5000;

/** How it goes at a glance: what came and went, and what needs a person. */
export function Page(): JSX.Element {
  const { range: asked = '' } = useSearchTexts();
  const range = steps.has(asked) ? asked : '24h';
  const { data, error, refetch } = useStatistics(range);
  const isEmpty = useHasNoEvent();
  return (
    <>
      <PageHeader
        title="Overview"
        about="What came in, what went out, and what needs a person. It refreshes itself."
        actions={<RangeControl range={range} />}
      />
      <Stack gap="lg">
        {error && <ProblemAlert error={error} onRetry={() => void refetch()} />}
        {!data && !error && <PageLoading />}
        {isEmpty && <FirstSteps />}
        {data && <Needs now={data.now} />}
        {data && !isEmpty && <Activity statistics={data} range={range} />}
      </Stack>
    </>
  );
}

function RangeControl({ range }: { range: string }): JSX.Element {
  const setSearch = useSetSearch();
  return (
    <SegmentedControl
      size="xs"
      aria-label="Time range"
      value={range}
      data={ranges.map(({ value, label }) => ({ value, label }))}
      onChange={(value) => setSearch({ range: value }, { replace: true })}
    />
  );
}

/** The frame moves with the clock: asked for by its length, so that what is shown stays until the next comes. */
function useStatistics(range: string) {
  const lengthMs = ranges.find(({ value }) => value === range)?.ms ?? 0;
  return useQuery<Answer<'/v1/statistics'>, ApiProblem>({
    queryKey: ['/v1/statistics', range],
    queryFn: ({ signal }) => {
      const from = new Date(Date.now() - lengthMs).toISOString();
      return read('/v1/statistics', { query: { from, step: steps.get(range) } }, signal);
    },
    refetchInterval: everyMs,
  });
}

/** Once there is one, it is not asked again. */
function useHasNoEvent(): boolean {
  const query = { limit: '1' };
  const first = useRead('/v1/events', { query });
  const isEmpty = first.data?.data.length === 0;
  useRead('/v1/events', { query, everyMs, isEnabled: isEmpty });
  return isEmpty;
}
