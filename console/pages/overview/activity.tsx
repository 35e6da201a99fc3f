import { SimpleGrid, Stack, Title } from '@mantine/core';
import { useMemo } from 'react';
import type { JSX } from 'react';
import { useNavigate } from '@tanstack/react-router';
import type { Answers } from '../../../src/client/index.ts';
import { Chart } from '../../parts/chart.tsx';
import type { ChartSeries } from '../../parts/chart.tsx';
import { Stat } from '../../parts/stat.tsx';
import type { StatProps } from '../../parts/stat.tsx';

type Statistics = Answers['Statistics'];
type Counted = Exclude<keyof Answers['StatisticsBucket'], 'at'>;

const stepWords = { '1m': 'per minute', '5m': 'per 5 min', '1h': 'per hour', '1d': 'per day' };

/** What happened in a range of time: sums, each with the list behind it, and their course. */
export function Activity(props: { statistics: Statistics; range: string }): JSX.Element {
  const { statistics, range } = props;
  const { at, series } = useCourse(statistics.buckets);
  const navigate = useNavigate();
  return (
    <Stack gap="sm" component="section" aria-label="In this time">
      <Title order={2}>In this time</Title>
      <SimpleGrid cols={{ base: 2, sm: 3, lg: 6 }} spacing="xs">
        {sumsOf(statistics, range).map((sum) => (
          <Stat key={sum.label} {...sum} />
        ))}
      </SimpleGrid>
      <Chart
        label={`Events and deliveries ${stepWords[statistics.step]}, in UTC`}
        kind="lines"
        at={at}
        series={series}
        heightPx={220}
        onSelect={(fromMs, toMs) =>
          void navigate({
            to: '/events',
            search: { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() },
          })
        }
      />
    </Stack>
  );
}

function sumsOf({ buckets, now }: Statistics, range: string): StatProps[] {
  const sum = (name: Counted): number => buckets.reduce((total, bucket) => total + bucket[name], 0);
  const [dead, rejected] = [sum('dead'), sum('rejected')];
  return [
    {
      label: 'accepted',
      value: sum('accepted'),
      to: `/events?direction=inbound&range=${range}`,
    },
    {
      label: 'published',
      value: sum('published'),
      to: `/events?direction=outbound&range=${range}`,
    },
    {
      label: 'delivered',
      value: sum('delivered'),
      to: `/deliveries?state=delivered&range=${range}`,
    },
    { label: 'retrying now', value: now.retrying, to: '/deliveries?state=retrying' },
    {
      label: 'dead',
      value: dead,
      tone: dead > 0 ? 'bad' : undefined,
      to: `/dead-letters?kind=delivery&state=all&range=${range}`,
    },
    {
      label: 'rejected',
      value: rejected,
      tone: rejected > 0 ? 'warn' : undefined,
      to: `/rejected-requests?range=${range}`,
    },
  ];
}

/** The same arrays until other numbers come: the chart is drawn anew for others. */
function useCourse(buckets: Statistics['buckets']): {
  readonly at: readonly number[];
  readonly series: readonly ChartSeries[];
} {
  return useMemo(() => {
    const line = (name: Counted, tone: ChartSeries['tone']): ChartSeries => {
      return { name, tone, values: buckets.map((bucket) => bucket[name]) };
    };
    return {
      at: buckets.map(({ at }) => Date.parse(at)),
      series: [
        line('accepted', 'busy'),
        line('published', 'warn'),
        line('delivered', 'good'),
        line('dead', 'bad'),
      ],
    };
  }, [buckets]);
}
