import { Paper, SimpleGrid, Stack, Title } from '@mantine/core';
import type { JSX } from 'react';
import { ProgressBar } from '../../parts/progress-bar.tsx';
import { Stat } from '../../parts/stat.tsx';
import { durationWords } from '../../parts/time-words.ts';
import { RateForm } from './rate-form.tsx';
import { countWords, hasEnded, plannedWords, throughOf } from './replay-words.ts';
import type { Replay } from './replay-words.ts';

/** How far a replay is, as a bar and in numbers, and how fast it goes. */
export function ReplayProgress({ replay }: { replay: Replay }): JSX.Element {
  const { done, failed, skipped, per_minute: speed, eta_s: eta } = replay;
  return (
    <Paper component="section" withBorder p="md" aria-label="Progress">
      <Stack gap="sm">
        <Title order={2}>Progress</Title>
        <Bar replay={replay} />
        <SimpleGrid cols={{ base: 2, sm: 3, lg: 6 }} spacing="xs">
          <Stat label="started again" value={done} note={originWords(replay)} />
          <Stat label="failed" value={failed} tone={failed > 0 ? 'bad' : undefined} />
          <Stat label="skipped" value={skipped} note="not ended any more" />
          {!hasEnded(replay) && <Stat label="in the last minute" value={speed} />}
          {!hasEnded(replay) && (
            <Stat
              label="left, about"
              value={eta === null || speed === 0 ? '–' : durationWords(eta * 1000)}
            />
          )}
        </SimpleGrid>
        {!hasEnded(replay) && <RateForm key={replay.rate} replay={replay} />}
      </Stack>
    </Paper>
  );
}

/** Where the workflows' inputs came from; a new delivery has none. */
function originWords({ done, from_row: fromRow, ids }: Replay): string | undefined {
  if (done === 0) return undefined;
  if (ids === 'new') return 'in new deliveries';
  if (fromRow === 0) return 'all from their history';
  return `${countWords(done - fromRow)} from their history, ${countWords(fromRow)} from their row`;
}

function Bar({ replay }: { replay: Replay }): JSX.Element {
  const { planned, done, failed, skipped } = replay;
  return (
    <ProgressBar
      label="Progress of the replay"
      words={`${countWords(throughOf(replay))} of ${plannedWords(replay)}`}
      max={planned}
      sections={[
        { color: 'green', value: done },
        { color: 'red', value: failed },
        { color: 'gray', value: skipped },
      ]}
    />
  );
}
