import { Group, Stack } from '@mantine/core';
import type { JSX } from 'react';
import { useId } from '../../address.ts';
import { useRead } from '../../api/read.ts';
import { AppLink } from '../../parts/app-link.tsx';
import { Id } from '../../parts/id.tsx';
import { KeyValues } from '../../parts/key-values.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { reasonWords } from '../../parts/reason-words.ts';
import { StateBadge } from '../../parts/state-badge.tsx';
import { Time } from '../../parts/time.tsx';
import { visibleLine } from '../../parts/visible-text.ts';
import { PageLoading } from '../../shell/page-loading.tsx';
import { DeleteEndpoint } from './delete-endpoint.tsx';
import type { Endpoint } from './endpoint.ts';
import { Health } from './health.tsx';
import { Held, Missed } from './held.tsx';
import { RecentDeliveries } from './recent-deliveries.tsx';
import { Secrets } from './secrets.tsx';
import { Settings } from './settings.tsx';
import { StateActions } from './state-actions.tsx';
import { TestEvent } from './test-event.tsx';

/** A customer's URL: how it does, what it asks for, its secrets and its state. */
export function Page(): JSX.Element {
  const id = useId();
  const { data, error, refetch } = useRead('/v1/endpoints/{id}', { id, everyMs: 10_000 });
  if (data) return <Shown key={id} endpoint={data} />;
  return (
    <>
      <PageHeader title="Endpoint" />
      {error ? <ProblemAlert error={error} onRetry={() => void refetch()} /> : <PageLoading />}
    </>
  );
}

function Shown({ endpoint }: { endpoint: Endpoint }): JSX.Element {
  return (
    <Stack gap="md">
      <PageHeader
        title="Endpoint"
        badge={<StateBadge state={endpoint.state} />}
        about={visibleLine(endpoint.url)}
        actions={
          <Group gap="xs">
            <StateActions endpoint={endpoint} />
            <DeleteEndpoint endpoint={endpoint} />
            <AppLink to={`/integrations/webhooks/replays?target=${endpoint.id}`}>
              Backfill from the past
            </AppLink>
          </Group>
        }
      />
      <KeyValues
        facts={[
          ['Endpoint', <Id key="id" id={endpoint.id} isFull isPlain />],
          ['State', stateWords(endpoint)],
          ['Since', since(endpoint)],
          ['Held back', endpoint.held > 0 ? <Held key="held" endpoint={endpoint} /> : undefined],
          [
            'Missed',
            endpoint.skipped > 0 ? <Missed key="missed" endpoint={endpoint} /> : undefined,
          ],
          ['Made', <Time key="made" at={endpoint.created_at} isExact />],
        ]}
      />
      <Health endpoint={endpoint} />
      <RecentDeliveries endpointId={endpoint.id} />
      <TestEvent endpoint={endpoint} />
      <Settings key={endpoint.id} endpoint={endpoint} />
      <Secrets endpointId={endpoint.id} />
    </Stack>
  );
}

function stateWords({ state, state_reason: reason, health }: Endpoint): string {
  const why = reason === null ? '' : ` (${reasonWords(reason).toLowerCase()})`;
  switch (state) {
    case 'enabled':
      return health.outage === null
        ? 'Enabled: deliveries are sent'
        : 'Enabled, and it does not answer: deliveries wait until it does';
    case 'paused':
      return `Paused${why}: deliveries are held back until it is resumed`;
    case 'disabled':
      return `Disabled${why}: deliveries are recorded as skipped and not sent`;
  }
}

function since({ state_since: at }: Endpoint): JSX.Element | undefined {
  return at === null ? undefined : <Time at={at} isExact />;
}
