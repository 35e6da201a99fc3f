import { Paper, SimpleGrid, Stack, Title } from '@mantine/core';
import type { JSX } from 'react';
import { Stat } from '../../parts/stat.tsx';
import type { Replay } from './replay-words.ts';

const words = {
  outbound: { succeeded: 'delivered', failed: 'dead' },
  inbound: { succeeded: 'succeeded', failed: 'failed' },
} as const satisfies Record<Replay['filter']['direction'], unknown>;

/** Where those stand by now that a replay has started. */
export function Outcomes({ replay }: { replay: Replay }): JSX.Element | null {
  const { outcomes, filter } = replay;
  if (outcomes === null) return null;
  const { succeeded, failed, under_way: underWay, other } = outcomes;
  const { succeeded: good, failed: bad } = words[filter.direction];
  return (
    <Paper component="section" withBorder p="md" aria-label="Outcomes by now">
      <Stack gap="sm">
        <Title order={2}>Outcomes by now</Title>
        <SimpleGrid cols={{ base: 2, sm: 4 }} spacing="xs">
          <Stat label={good} value={succeeded} tone={succeeded > 0 ? 'good' : undefined} />
          <Stat label={bad} value={failed} tone={failed > 0 ? 'bad' : undefined} />
          <Stat label="under way" value={underWay} tone={underWay > 0 ? 'busy' : undefined} />
          {other > 0 && <Stat label="held back, cancelled or skipped" value={other} />}
        </SimpleGrid>
      </Stack>
    </Paper>
  );
}
