import { Group, NativeSelect, Paper, Stack, Text, Title } from '@mantine/core';
import { useState } from 'react';
import type { JSX } from 'react';
import { useId, useSearchTexts, useSetSearch } from '../../address.ts';
import { useRead } from '../../api/read.ts';
import { AppLink } from '../../parts/app-link.tsx';
import { pathOfId } from '../../id-path.ts';
import { Id } from '../../parts/id.tsx';
import { KeyValues } from '../../parts/key-values.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { Countdown, Time } from '../../parts/time.tsx';
import { visibleLine } from '../../parts/visible-text.ts';
import { WorkflowLink } from '../../parts/workflow-link.tsx';
import { PageLoading } from '../../shell/page-loading.tsx';
import type { Answers } from '../../../src/client/index.ts';
import { AttemptDetail } from './attempt-detail.tsx';
import { Ladder } from './ladder.tsx';
import { Redrive, Redriven } from './redrive.tsx';
import { hasEnded, isAwaitingAck, rungsOf, scheduleWords, usualNumber } from './rungs.ts';
import type { Delivery } from './rungs.ts';
import { Steering } from './steering.tsx';
import { Summary } from './summary.tsx';

/** How soon the page shows what has happened meanwhile. */
const refreshMs = 2000;

/** One event on its way to one endpoint: where it stands, each attempt, and another go. */
export function Page(): JSX.Element {
  const id = useId();
  const [isEnded, setEnded] = useState(false);
  const everyMs = isEnded ? false : refreshMs;
  const { data, error, refetch } = useRead('/v1/deliveries/{id}', { id, everyMs });
  const isEndedNow = data !== undefined && hasEnded(data);
  if (isEndedNow !== isEnded) setEnded(isEndedNow);
  if (data) return <Shown key={id} delivery={data} />;
  return (
    <>
      <PageHeader title="Delivery" />
      {error ? <ProblemAlert error={error} onRetry={() => void refetch()} /> : <PageLoading />}
    </>
  );
}

function Shown({ delivery }: { delivery: Delivery }): JSX.Element {
  const [redriven, setRedriven] = useState<Answers['RedrivenDelivery'] | null>(null);
  return (
    <Stack gap="md">
      <PageHeader
        title="Delivery"
        badge={<StateBadge state={delivery.state} reason={delivery.last_reason} />}
        about={<Summary delivery={delivery} />}
        actions={
          <>
            <Steering delivery={delivery} />
            <Redrive delivery={delivery} onRedriven={setRedriven} />
          </>
        }
      />
      {redriven && <Redriven redriven={redriven} />}
      <Facts delivery={delivery} />
      <Attempts delivery={delivery} />
    </Stack>
  );
}

function Facts({ delivery }: { delivery: Delivery }): JSX.Element {
  const { endpoint, next_attempt_at: nextAt } = delivery;
  return (
    <KeyValues
      facts={[
        ['Delivery', <Id key="id" id={delivery.id} isFull isPlain />],
        ['Event type', visibleLine(delivery.event_type)],
        ['Event', <Id key="event" id={delivery.event_id} isFull />],
        [
          'Endpoint',
          <span key="endpoint">
            <AppLink to={pathOfId(delivery.endpoint_id) ?? '/'}>
              {visibleLine(delivery.endpoint_url ?? delivery.endpoint_id)}
            </AppLink>{' '}
            {endpoint && <EndpointState endpoint={endpoint} />}
          </span>,
        ],
        ['Made', <Time key="made" at={delivery.created_at} isExact />],
        [
          isAwaitingAck(delivery) ? 'To be acknowledged' : 'Next attempt',
          nextAt === null ? undefined : <Countdown key="next" to={nextAt} />,
        ],
        ['Schedule', scheduleWords(delivery)],
        ['Order key', delivery.order_key === null ? undefined : visibleLine(delivery.order_key)],
        [
          'Replay of',
          delivery.replay_of === null ? undefined : (
            <Id key="replayed" id={delivery.replay_of} isFull />
          ),
        ],
        [
          'Ended',
          delivery.ended_at === null ? undefined : <Time key="t" at={delivery.ended_at} isExact />,
        ],
        ['Open in Temporal', <WorkflowLink key="workflow" id={delivery.workflow_id} />],
      ]}
    />
  );
}

function EndpointState({
  endpoint: { state, is_deleted: isDeleted },
}: {
  endpoint: NonNullable<Delivery['endpoint']>;
}): JSX.Element | null {
  if (isDeleted) return <StateBadge state="deleted" />;
  return state === 'enabled' ? null : <StateBadge state={state} />;
}

function Attempts({ delivery }: { delivery: Delivery }): JSX.Element {
  const search = useSearchTexts();
  const setSearch = useSetSearch();
  const asked = Number(search['cycle']);
  const isKnown = delivery.cycles.some(({ cycle: each }) => each === asked);
  const cycle = isKnown ? asked : delivery.cycle;
  const rungs = rungsOf(delivery, cycle);
  const wanted = Number(search['attempt']);
  const number = rungs.some((rung) => rung.number === wanted) ? wanted : usualNumber(rungs);
  function choose(changes: { cycle?: string; attempt?: string | undefined }): void {
    setSearch(changes, { replace: true });
  }
  return (
    <>
      <Paper component="section" withBorder p="md" aria-labelledby="attempts">
        <Stack gap="sm">
          <Title order={2} id="attempts">
            Attempts
          </Title>
          {delivery.cycle > 1 && (
            <CycleChoice
              delivery={delivery}
              cycle={cycle}
              onChoose={(chosen) => choose({ cycle: chosen, attempt: undefined })}
            />
          )}
          <Ladder
            rungs={rungs}
            chosen={number}
            onChoose={(chosen) => choose({ attempt: String(chosen) })}
          />
        </Stack>
      </Paper>
      <AttemptDetail delivery={delivery} cycle={cycle} number={number} />
    </>
  );
}

function CycleChoice(props: {
  delivery: Delivery;
  cycle: number;
  onChoose: (cycle: string) => void;
}): JSX.Element {
  const { delivery, cycle, onChoose } = props;
  const shown = delivery.cycles.find((each) => each.cycle === cycle);
  return (
    <Group align="flex-end" gap="md">
      <NativeSelect
        size="xs"
        label="Cycle"
        data={delivery.cycles.map((each) => ({
          value: String(each.cycle),
          label: `${each.cycle} of ${delivery.cycle}`,
        }))}
        value={String(cycle)}
        onChange={({ currentTarget }) => onChoose(currentTarget.value)}
      />
      {shown && cycle !== delivery.cycle && (
        <Text size="sm" component="div">
          In Temporal: <WorkflowLink id={shown.workflow_id} />
        </Text>
      )}
    </Group>
  );
}
