import { Button, Group, SegmentedControl, Stack, Text } from '@mantine/core';
import type { JSX } from 'react';
import { useSearchTexts, useSetSearch } from '../../address.ts';
import { detailAt } from '../../api/problem.ts';
import { Moment } from '../../parts/time-filter.tsx';
import { durationWords } from '../../parts/time-words.ts';
import { windowWords } from '../replay/replay-words.ts';
import { directionNames, directionOf } from './request.ts';

/** Out or in: deliveries or trigger runs. What only the other has is taken out of the address. */
export function DirectionControl(): JSX.Element {
  const search = useSearchTexts();
  const setSearch = useSetSearch();
  const nothing = Object.fromEntries(directionNames.map((name) => [name, undefined]));
  return (
    <SegmentedControl
      size="xs"
      fullWidth
      maw={420}
      aria-label="Direction"
      value={directionOf(search)}
      data={[
        { value: 'outbound', label: 'Outbound deliveries' },
        { value: 'inbound', label: 'Inbound trigger runs' },
      ]}
      onChange={(direction) => setSearch({ ...nothing, direction }, { replace: true })}
    />
  );
}

const hourMs = 3_600_000;

/** Lengths that are asked for at night, since the deploy or since yesterday, and for a new endpoint. */
const quick = [
  { label: 'Last hour', lengthMs: hourMs },
  { label: 'Last 24 h', lengthMs: 24 * hourMs },
  { label: 'Last 7 days', lengthMs: 7 * 24 * hourMs },
] as const;

/** The timeframe, typed. `error` is what the API says of it. */
export function FrameFields({ error }: { error: Error | null }): JSX.Element {
  const { from, to } = useSearchTexts();
  const setSearch = useSetSearch();
  return (
    <Stack gap={4}>
      <Group gap="xs" align="flex-start">
        <Moment
          label="From (your time)"
          value={from}
          error={detailAt(error, '/from')}
          onChange={(at) => setSearch({ from: at }, { replace: true })}
        />
        <Moment
          label="To (your time)"
          value={to}
          error={detailAt(error, '/to')}
          onChange={(at) => setSearch({ to: at }, { replace: true })}
        />
      </Group>
      <Group gap="xs">
        {quick.map(({ label, lengthMs }) => (
          <Button
            key={label}
            size="xs"
            variant="default"
            onClick={() => setSearch(lastOf(lengthMs), { replace: true })}
          >
            {label}
          </Button>
        ))}
      </Group>
      {from !== undefined && to !== undefined && (
        <Text size="xs" c="dimmed">
          {windowWords(from, to)}
          {Date.parse(from) < Date.parse(to) &&
            `: ${durationWords(Date.parse(to) - Date.parse(from))}`}
        </Text>
      )}
    </Stack>
  );
}

/** Up to the minute that has begun: all that is there by now. */
function lastOf(lengthMs: number): { from: string; to: string } {
  const toMs = Math.ceil(Date.now() / 60_000) * 60_000;
  return { from: new Date(toMs - lengthMs).toISOString(), to: new Date(toMs).toISOString() };
}
