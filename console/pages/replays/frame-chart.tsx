import { Group, SegmentedControl, Skeleton, Stack, Text } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { JSX } from 'react';
import type { Answers } from '../../../src/client/index.ts';
import { useSearchTexts, useSetSearch } from '../../address.ts';
import type { ApiProblem } from '../../api/problem.ts';
import { read } from '../../api/read.ts';
import type { Answer } from '../../api/read.ts';
import { Chart } from '../../parts/chart.tsx';
import type { ChartSeries } from '../../parts/chart.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { directionOf } from './request.ts';
import type { Direction } from './request.ts';

/** How far back the chart looks, and in steps of what: the API makes at most 500 of them. */
const ranges = [
  { value: '24h', label: '24 h', lengthMs: 86_400_000, step: '5m', words: 'per 5 min' },
  { value: '7d', label: '7 days', lengthMs: 604_800_000, step: '1h', words: 'per hour' },
  { value: '30d', label: '30 days', lengthMs: 2_592_000_000, step: '1d', words: 'per day' },
] as const;

type Range = (typeof ranges)[number];

const minuteMs = 60_000;

/** What happened, to draw the timeframe of a replay on. */
export function FrameChart(): JSX.Element {
  const search = useSearchTexts();
  const setSearch = useSetSearch();
  const range = ranges.find(({ value }) => value === search['range']) ?? ranges[0];
  const direction = directionOf(search);
  const { data, error, refetch } = useStatistics(range);
  const { at, series } = useCourse(data?.buckets, direction);
  const selected = useSelected(search['from'], search['to']);
  function select(fromMs: number, toMs: number): void {
    const from = new Date(Math.floor(fromMs / minuteMs) * minuteMs).toISOString();
    const to = new Date(Math.ceil(toMs / minuteMs) * minuteMs).toISOString();
    setSearch({ from, to }, { replace: true });
  }
  const things = direction === 'outbound' ? 'Events and their deliveries' : 'Events received';
  return (
    <Stack gap="xs">
      <Group justify="space-between" gap="xs">
        <Text size="sm">Draw the timeframe on the chart with the mouse, or type it below.</Text>
        <SegmentedControl
          size="xs"
          aria-label="The chart shows the last"
          value={range.value}
          data={ranges.map(({ value, label }) => ({ value, label }))}
          onChange={(value) => setSearch({ range: value }, { replace: true })}
        />
      </Group>
      {error && <ProblemAlert error={error} onRetry={() => void refetch()} />}
      {data ? (
        <Chart
          label={`${things} ${range.words}, in UTC`}
          kind="lines"
          at={at}
          series={series}
          selected={selected}
          onSelect={select}
        />
      ) : (
        !error && <Skeleton height={180} aria-label="Loading the chart" />
      )}
    </Stack>
  );
}

/** Asked by its length: the frame moves with the clock, and a drawing must not lose its place meanwhile. */
function useStatistics({ value, lengthMs, step }: Range) {
  return useQuery<Answer<'/v1/statistics'>, ApiProblem>({
    queryKey: ['/v1/statistics', 'replay', value],
    queryFn: ({ signal }) => {
      const from = new Date(Date.now() - lengthMs).toISOString();
      return read('/v1/statistics', { query: { from, step } }, signal);
    },
    staleTime: minuteMs,
    placeholderData: keepPreviousData,
  });
}

type Buckets = readonly Answers['StatisticsBucket'][];

/** The same arrays until other numbers come: the chart is drawn anew for others. */
function useCourse(
  buckets: Buckets | undefined,
  direction: Direction,
): { readonly at: readonly number[]; readonly series: readonly ChartSeries[] } {
  return useMemo(() => {
    const shown = buckets ?? [];
    const line = (
      name: Exclude<keyof Buckets[number], 'at'>,
      tone: ChartSeries['tone'],
    ): ChartSeries => ({ name, tone, values: shown.map((bucket) => bucket[name]) });
    return {
      at: shown.map(({ at }) => Date.parse(at)),
      series:
        direction === 'outbound'
          ? [line('published', 'warn'), line('delivered', 'good'), line('dead', 'bad')]
          : [line('accepted', 'busy')],
    };
  }, [buckets, direction]);
}

function useSelected(
  from: string | undefined,
  to: string | undefined,
): readonly [number, number] | undefined {
  return useMemo(() => {
    const [fromMs, toMs] = [Date.parse(from ?? ''), Date.parse(to ?? '')];
    return fromMs < toMs ? ([fromMs, toMs] as const) : undefined; // What is no time is not less.
  }, [from, to]);
}
