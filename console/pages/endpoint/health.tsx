import { Group, Paper, Stack, Text, Title } from '@mantine/core';
import type { JSX } from 'react';
import { useRead } from '../../api/read.ts';
import { healthWords, percentWords } from '../../parts/health-words.ts';
import { KeyValues } from '../../parts/key-values.tsx';
import { Stat } from '../../parts/stat.tsx';
import { Badge } from '../../parts/state-badge.tsx';
import type { Tone } from '../../parts/state-badge.tsx';
import { durationWords } from '../../parts/time-words.ts';
import { Time } from '../../parts/time.tsx';
import { FailingStage } from '../endpoints/failing-stage.tsx';
import type { Endpoint } from './endpoint.ts';
import { Outage } from './outage.tsx';

/** How the endpoint did in the last 24 hours, and how it fails now. */
export function Health({ endpoint: { id, health } }: { endpoint: Endpoint }): JSX.Element {
  const { words, tone } = healthWords(health.success_rate);
  const { outage, recovering: isRecovering, last_24h } = health;
  return (
    <Paper component="section" withBorder p="md" aria-labelledby="health">
      <Stack gap="sm">
        <Group gap="sm">
          <Title order={2} id="health">
            Health
          </Title>
          <Badge tone={tone}>{words}</Badge>
          <FailingStage stage={health.stage} />
          {isRecovering && (
            <Badge tone="busy" icon="refresh">
              recovering
            </Badge>
          )}
        </Group>
        {outage && <Outage endpointId={id} outage={outage} />}
        {isRecovering && (
          <Text size="sm">It answers again, and gets what waited by and by, oldest first.</Text>
        )}
        <Figures endpointId={id} health={health} />
        <KeyValues
          facts={[
            ['Failing since', <Time key="since" at={health.failing_since} />],
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

function Figures(props: { endpointId: string; health: Endpoint['health'] }): JSX.Element {
  const { endpointId, health } = props;
  const { success_rate: rate, p50_ms, p95_ms, deadline_ms, consecutive_failures } = health;
  return (
    <Group gap="xs" align="flex-start">
      <Stat
        label="attempts delivered"
        value={rate === null ? '–' : percentWords(rate)}
        tone={rate === null ? undefined : healthWords(rate).tone}
      />
      <AnswerTime label="p50 of the answer time" ms={p50_ms} deadlineMs={deadline_ms} />
      <AnswerTime label="p95 of the answer time" ms={p95_ms} deadlineMs={deadline_ms} />
      <Stat
        label="failed in a row"
        value={consecutive_failures}
        tone={consecutive_failures > 0 ? 'bad' : undefined}
      />
      <OpenDeadLetters endpointId={endpointId} />
    </Group>
  );
}

/** Above this share of the deadline an ordinary delay fails. */
const nearShare = 0.8;

function AnswerTime(props: { label: string; ms: number | null; deadlineMs: number }): JSX.Element {
  const { label, ms, deadlineMs } = props;
  const { note, tone } = nearness(ms, deadlineMs);
  return (
    <Stat
      label={label}
      value={ms === null ? '–' : durationWords(ms)}
      tone={tone}
      note={`${note} ${durationWords(deadlineMs)}`}
    />
  );
}

function nearness(ms: number | null, deadlineMs: number): { note: string; tone?: Tone } {
  if (ms === null || ms < deadlineMs * nearShare) return { note: 'deadline' };
  return ms < deadlineMs
    ? { note: 'near the deadline of', tone: 'warn' }
    : { note: 'at the deadline of', tone: 'bad' };
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
