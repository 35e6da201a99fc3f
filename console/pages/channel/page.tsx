import { Paper, Stack } from '@mantine/core';
import type { JSX } from 'react';
import { useId } from '../../address.ts';
import { useRead } from '../../api/read.ts';
import { AppLink } from '../../parts/app-link.tsx';
import { channelTitle } from '../../parts/channels.ts';
import { Id } from '../../parts/id.tsx';
import { KeyValues } from '../../parts/key-values.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { Time } from '../../parts/time.tsx';
import { visibleLine } from '../../parts/visible-text.ts';
import { PageLoading } from '../../shell/page-loading.tsx';
import { lastUseOf, nameOf, schemeTitle } from './channel-words.ts';
import type { Integration } from './channel-words.ts';
import { Secrets } from './secrets.tsx';
import { Settings } from './settings.tsx';
import { SetupSteps } from './setup-steps.tsx';
import { StateActions } from './state-actions.tsx';
import { TestRequest } from './test-request.tsx';

/** One integration: its address and how to set it up, its secrets, a signed test, its settings. */
export function Page(): JSX.Element {
  const id = useId();
  const { data, error, refetch } = useRead('/v1/integrations/{id}', {
    id,
    everyMs: 10_000, // The uses of secrets are counted some seconds after the requests.
  });
  if (!data) {
    return (
      <>
        <PageHeader title="Channel" />
        {error ? <ProblemAlert error={error} onRetry={() => void refetch()} /> : <PageLoading />}
      </>
    );
  }
  return (
    <>
      <PageHeader
        title={visibleLine(nameOf(data))}
        badge={<StateBadge state={data.state} />}
        actions={<StateActions integration={data} />}
      />
      <Stack>
        <Summary integration={data} />
        <SetupSteps integration={data} />
        {data.state === 'enabled' && <TestRequest integration={data} />}
        <Secrets integration={data} />
        <Settings key={data.id} integration={data} />
      </Stack>
    </>
  );
}

function Summary({ integration }: { integration: Integration }): JSX.Element {
  const { id, channel, created_at: createdAt } = integration;
  return (
    <Paper withBorder p="md">
      <KeyValues
        facts={[
          ['Integration', <Id key="id" id={id} isFull isPlain />],
          ['Channel', channelTitle(channel)],
          ['Verified by', schemeTitle(integration)],
          ['Made', <Time key="made" at={createdAt} />],
          [
            'Last verified request',
            lastUseOf(integration) && <Time key="use" at={lastUseOf(integration)} />,
          ],
          ['Rejected requests', <RejectedCount key="rejected" id={id} />],
          [
            'Events',
            <AppLink key="events" to={`/events?integration_id=${id}`}>
              events of this integration
            </AppLink>,
          ],
        ]}
      />
    </Paper>
  );
}

/** As many are counted as one page holds: the API has no count. */
const countedMax = 100;

function RejectedCount({ id }: { id: string }): JSX.Element {
  const query = { integration_id: id, state: 'kept', limit: String(countedMax) };
  const { data } = useRead('/v1/rejected-requests', { query });
  const to = `/rejected-requests?integration_id=${id}&state=kept`;
  if (!data) return <AppLink to={to}>kept ones</AppLink>;
  const { length } = data.data;
  const count = data.next_cursor === null ? String(length) : `more than ${countedMax}`;
  return <AppLink to={to}>{length === 0 ? 'none is kept' : `${count} kept`}</AppLink>;
}
