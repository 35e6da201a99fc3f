import { Group, Paper, Stack, Text, Title } from '@mantine/core';
import type { JSX } from 'react';
import { useRead } from '../../api/read.ts';
import { healthWords, percentWords } from '../../parts/health-words.ts';
import { KeyValues } from '../../parts/key-values.tsx';
import { Stat } from '../../parts/stat.tsx';
import { Badge } from '../../parts/state-badge.tsx';
import { durationWords } from '../../parts/time-words.ts';
import { Time } from '../../parts/time.tsx';
import type { Endpoint } from './endpoint.ts';

/** How the endpoint did in the last 24 hours. */
export function Health({ endpoint: { id, health } }: { endpoint: Endpoint }): JSX.Element {
  const { success_rate: rate, p50_ms, p95_ms, consecutive_failures, last_24h } = health;
  const { words, tone } = healthWords(rate);
  const ms = (value: number | null): string => (value === null ? '–' : durationWords(value));
  return (
    <Paper component="section" withBorder p="md" aria-labelledby="health">
      <Stack gap="sm">
        <Group gap="sm">
          <Title order={2} id="health">
            Health
          </Title>
          <Badge tone={tone}>{words}</Badge>
        </Group>
        <Group gap="xs" align="flex-start">
          <Stat
            label="attempts delivered"
            value={rate === null ? '–' : percentWords(rate)}
            tone={rate === null ? undefined : tone}
          />
          <Stat label="p50 of the answer time" value={ms(p50_ms)} />
          <Stat label="p95 of the answer time" value={ms(p95_ms)} />
          <Stat
            label="failed in a row"
            value={consecutive_failures}
            tone={consecutive_failures > 0 ? 'bad' : undefined}
          />
          <OpenDeadLetters endpointId={id} />
        </Group>
        <KeyValues
          facts={[
            ['Last success', <Time key="success" at={health.last_success_at} />],
            ['Last failure', <Time key="failure" at={health.last_failure_at} />],
          ]}
        />
        <Text size="sm" c="dimmed">
          Of the last 24 hours: {last_24h.deliveries.toLocaleString('en')} deliveries,{' '}
          {last_24h.attempts.toLocaleString('en')} attempts
          {last_24h.deliveries >= 1000 && ' (the newest 1,000 are looked at)'}.
        </Text>
      </Stack>
    </Paper>
  );
}

function OpenDeadLetters({ endpointId }: { endpointId: string }): JSX.Element {
  const { data } = useRead('/v1/dead-letters/groups', { query: { endpoint_id: endpointId } });
  const count = data?.data.reduce((sum, group) => sum + group.count, 0);
  return (
    <Stat
      label="open dead letters"
      value={count}
      tone={count !== undefined && count > 0 ? 'bad' : undefined}
      to={`/dead-letters?view=list&endpoint_id=${endpointId}`}
    />
  );
}
