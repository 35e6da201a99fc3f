import { Alert, Stack } from '@mantine/core';
import { useState } from 'react';
import type { JSX } from 'react';
import { useId } from '../../address.ts';
import { useRead } from '../../api/read.ts';
import { Actor } from '../../parts/actor.tsx';
import { AppLink } from '../../parts/app-link.tsx';
import { Icon } from '../../parts/icon.tsx';
import { Id } from '../../parts/id.tsx';
import { KeyValues } from '../../parts/key-values.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { Time } from '../../parts/time.tsx';
import { visibleLine } from '../../parts/visible-text.ts';
import { WorkflowLink } from '../../parts/workflow-link.tsx';
import { PageLoading } from '../../shell/page-loading.tsx';
import { Actions } from './actions.tsx';
import { Items } from './items.tsx';
import { ReplayProgress } from './progress.tsx';
import { countWords, filterWords, hasEnded, windowWords } from './replay-words.ts';
import type { Replay } from './replay-words.ts';
import { Summary } from './summary.tsx';

/** How soon the page shows how far it is. */
const refreshMs = 1500;

/** A replay: how far it is, what it could not start, and what can be done about it. */
export function Page(): JSX.Element {
  const id = useId();
  const [restingId, setRestingId] = useState('');
  const everyMs = restingId === id ? false : refreshMs;
  const { data, error, refetch } = useRead('/v1/replays/{id}', { id, everyMs });
  const isResting = data !== undefined && hasEnded(data);
  if (isResting && restingId !== id) setRestingId(id);
  if (data) return <Shown key={id} replay={data} everyMs={everyMs} />;
  return (
    <>
      <PageHeader title="Replay" />
      {error ? <ProblemAlert error={error} onRetry={() => void refetch()} /> : <PageLoading />}
    </>
  );
}

function Shown(props: { replay: Replay; everyMs: number | false }): JSX.Element {
  const { replay, everyMs } = props;
  const [retried, setRetried] = useState<Replay | null>(null);
  return (
    <Stack gap="md">
      <PageHeader
        title="Replay"
        badge={<StateBadge state={replay.state} />}
        about={<Summary replay={replay} />}
        actions={<Actions replay={replay} onRetried={setRetried} />}
      />
      {retried && <Retried made={retried} />}
      <ReplayProgress replay={replay} />
      <Facts replay={replay} />
      <Items replay={replay} everyMs={everyMs} />
    </Stack>
  );
}

function Retried({ made: { id, planned } }: { made: Replay }): JSX.Element {
  return (
    <Alert
      color="green"
      role="status"
      icon={<Icon name="check" />}
      title="The failures are retried"
    >
      A new replay starts {countWords(planned)} again:{' '}
      <AppLink to={`/integrations/webhooks/replays/${id}`}>go to the new replay</AppLink>
    </Alert>
  );
}

function Facts({ replay }: { replay: Replay }): JSX.Element {
  const { filter } = replay;
  const at = (label: string, value: string | null) =>
    [label, value === null ? undefined : <Time key={label} at={value} isExact />] as const;
  const idOf = (label: string, value: string | null) =>
    [label, value === null ? undefined : <Id key={label} id={value} />] as const;
  return (
    <KeyValues
      facts={[
        ['Replay', <Id key="id" id={replay.id} isFull isPlain />],
        ['Starts again', filterWords(filter)],
        ['Timeframe', windowWords(filter.from, filter.to)],
        ['Source', filter.source === null ? undefined : visibleLine(filter.source)],
        idOf('Endpoint', filter.endpoint_id),
        idOf('Trigger', filter.trigger_id),
        idOf('Retries the failures of', filter.replay_id),
        ['Rate', `up to ${replay.rate} per second`],
        ['Made by', <Actor key="by" actor={replay.created_by} />],
        at('Made', replay.created_at),
        at('Started', replay.started_at),
        at('Paused', replay.paused_at),
        at('Ended', replay.ended_at),
        ['Open in Temporal', <WorkflowLink key="workflow" id={replay.id} />],
      ]}
    />
  );
}
