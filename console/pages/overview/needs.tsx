import { Group, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import type { JSX } from 'react';
import type { Answers } from '../../../src/client/index.ts';
import { useRead } from '../../api/read.ts';
import { AppLink } from '../../parts/app-link.tsx';
import { Badge } from '../../parts/state-badge.tsx';
import type { Tone } from '../../parts/state-badge.tsx';
import { Stat } from '../../parts/stat.tsx';
import { durationWords } from '../../parts/time-words.ts';
import { useNow } from '../../parts/use-now.ts';

type Standing = Answers['Standing'];

const endpoints = '/integrations/webhooks/endpoints';

interface Need {
  readonly label: string;
  readonly value: number | string;
  readonly tone: Tone;
  readonly to: string;
}

/** What nobody but a person can settle, each with the list behind it. */
export function Needs({ now }: { now: Standing }): JSX.Element {
  const waitingMs = useSinceMs(now.oldest_waiting_at);
  const failing = useFailingEndpoints();
  const needs = [...failing, ...needsOf(now, useSinceMs(now.oldest_overdue_at))];
  return (
    <Stack gap="sm" component="section" aria-label="What needs a person now">
      <Title order={2}>What needs a person now</Title>
      {needs.length === 0 ? (
        <Group gap="xs">
          <Badge tone="good" icon="check">
            all well
          </Badge>
          <Text size="sm">Nothing needs anybody: what fails is tried again by itself.</Text>
        </Group>
      ) : (
        <SimpleGrid cols={{ base: 2, sm: 3, lg: 4 }} spacing="xs">
          {needs.map((need) => (
            <Stat key={need.label} {...need} />
          ))}
        </SimpleGrid>
      )}
      <Waiting now={now} waitingMs={waitingMs} />
    </Stack>
  );
}

/** While an endpoint fails, deliveries to it die or wait. */
function useFailingEndpoints(): Need[] {
  const query = { health: 'failing', limit: '50' };
  const { data } = useRead('/v1/endpoints', { query, everyMs: 10_000 });
  if (!data || data.data.length === 0) return [];
  const value = data.next_cursor === null ? data.data.length : `${data.data.length}+`;
  return [{ label: 'endpoints failing', value, tone: 'bad', to: `${endpoints}?health=failing` }];
}

/** How long ago an instant was; undefined without one. */
function useSinceMs(since: string | null): number | undefined {
  const now = useNow(5000);
  return since === null ? undefined : Math.max(0, now - Date.parse(since));
}

function needsOf(now: Standing, overdueMs: number | undefined): Need[] {
  const counted: Need[] = [
    {
      label: 'dead deliveries',
      value: now.dead_open,
      tone: 'bad',
      to: '/dead-letters?kind=delivery',
    },
    {
      label: 'failed runs',
      value: now.failed_runs_open,
      tone: 'bad',
      to: '/dead-letters?kind=trigger_run',
    },
    {
      label: 'rejected requests kept',
      value: now.rejected_kept,
      tone: 'warn',
      to: '/rejected-requests?state=kept',
    },
    {
      label: 'endpoints paused',
      value: now.endpoints_paused,
      tone: 'warn',
      to: `${endpoints}?state=paused`,
    },
    {
      label: 'endpoints disabled',
      value: now.endpoints_disabled,
      tone: 'warn',
      to: `${endpoints}?state=disabled`,
    },
    {
      label: 'triggers broken',
      value: now.triggers_broken,
      tone: 'bad',
      to: '/triggers?state=broken',
    },
  ];
  const needed = counted.filter(({ value }) => value !== 0);
  if (overdueMs === undefined) return needed;
  const label = 'since an attempt was due that was not made';
  return [
    ...needed,
    { label, value: durationWords(overdueMs), tone: 'bad', to: '/deliveries?state=retrying' },
  ];
}

/** What is under way by itself: said, so that a night is calm about it. */
function Waiting(props: { now: Standing; waitingMs: number | undefined }): JSX.Element {
  const { now, waitingMs } = props;
  return (
    <Group gap="md" fz="sm">
      <AppLink to="/deliveries?state=pending">{now.pending.toLocaleString('en')} pending</AppLink>
      <AppLink to="/deliveries?state=retrying">
        {now.retrying.toLocaleString('en')} retrying
      </AppLink>
      <AppLink to="/deliveries?state=parked">{now.parked.toLocaleString('en')} held back</AppLink>
      {waitingMs !== undefined && (
        <span>The oldest of those on their way has waited for {durationWords(waitingMs)}</span>
      )}
    </Group>
  );
}
