import { Alert, Stack } from '@mantine/core';
import { useState } from 'react';
import type { JSX } from 'react';
import { useId } from '../../address.ts';
import { useRead } from '../../api/read.ts';
import { AppLink } from '../../parts/app-link.tsx';
import { Icon } from '../../parts/icon.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { PageLoading } from '../../shell/page-loading.tsx';
import { Actions } from './actions.tsx';
import { Facts } from './facts.tsx';
import { Items } from './items.tsx';
import { Outcomes } from './outcomes.tsx';
import { ReplayProgress } from './progress.tsx';
import { countWords, hasEnded } from './replay-words.ts';
import type { Replay } from './replay-words.ts';
import { Summary } from './summary.tsx';

/** How soon the page shows how far it is; and what has become of what it started, when it has ended. */
const refreshMs = 1500;
const outcomeMs = 10_000;

function everyMsOf(replay: Replay | undefined): number | false {
  if (replay === undefined || !hasEnded(replay)) return refreshMs;
  return (replay.outcomes?.under_way ?? 0) > 0 ? outcomeMs : false;
}

/** A replay: how far it is, what came of it, what it could not start, and what can be done about it. */
export function Page(): JSX.Element {
  const id = useId();
  const { data, error, refetch } = useRead('/v1/replays/{id}', { id, everyMs: everyMsOf });
  if (data) return <Shown key={id} replay={data} />;
  return (
    <>
      <PageHeader title="Replay" />
      {error ? <ProblemAlert error={error} onRetry={() => void refetch()} /> : <PageLoading />}
    </>
  );
}

function Shown({ replay }: { replay: Replay }): JSX.Element {
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
      <Outcomes replay={replay} />
      <Facts replay={replay} />
      <Items replay={replay} />
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
