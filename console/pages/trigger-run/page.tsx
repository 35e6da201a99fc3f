import { Alert, Button, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import type { JSX } from 'react';
import { useId } from '../../address.ts';
import { answerOf, api } from '../../api/client.ts';
import { useRead } from '../../api/read.ts';
import { AppLink } from '../../parts/app-link.tsx';
import { ConfirmOne } from '../../parts/confirm.tsx';
import { Icon } from '../../parts/icon.tsx';
import { Id } from '../../parts/id.tsx';
import { KeyValues } from '../../parts/key-values.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { StateBadge, toneOf } from '../../parts/state-badge.tsx';
import { Duration, Time } from '../../parts/time.tsx';
import { visibleLine, visibleText } from '../../parts/visible-text.ts';
import { WhyField, givenReason } from '../../parts/why-field.tsx';
import { WorkflowLink } from '../../parts/workflow-link.tsx';
import { PageLoading } from '../../shell/page-loading.tsx';
import type { Answers } from '../../../src/client/index.ts';
import { reasonOf, tookMs } from '../trigger-runs/run-words.ts';
import { Followed } from './followed.tsx';
import { Guards } from './guards.tsx';

type Run = Answers['TriggerRunWithGuards'];
type Redriven = Answers['TriggerRun'];

const everyMs = 4000;

/** One trigger acting on one event: how it went, what it emitted, and another go. */
export function Page(): JSX.Element {
  const id = useId();
  const { data, error, refetch } = useRead('/v1/trigger-runs/{id}', { id, everyMs });
  if (!data) {
    return (
      <>
        <PageHeader title="Trigger run" />
        {error ? <ProblemAlert error={error} onRetry={() => void refetch()} /> : <PageLoading />}
      </>
    );
  }
  return <RunPage key={id} run={data} />;
}

function RunPage({ run }: { run: Run }): JSX.Element {
  const [opened, setOpened] = useState<Redriven>();
  return (
    <>
      <PageHeader
        title={`Run of ${visibleLine(run.trigger)}`}
        badge={<StateBadge state={run.state} />}
        about={<Id id={run.id} isFull isPlain />}
        actions={<Redrive run={run} onOpened={setOpened} />}
      />
      <Stack>
        {opened && <Opened run={opened} />}
        <Reason run={run} />
        <Facts run={run} />
        <Guards run={run} />
        <Followed run={run} />
      </Stack>
    </>
  );
}

function Reason({ run: { state, reason } }: { run: Run }): JSX.Element | null {
  if (reason === null) return null;
  const isBad = toneOf(state) === 'bad';
  return (
    <Alert
      color={isBad ? 'red' : 'gray'}
      icon={<Icon name={isBad ? 'alert' : 'info'} />}
      title={isBad ? 'Why it failed' : `Why it is ${state}`}
    >
      <Text size="sm" style={{ whiteSpace: 'pre-wrap' }}>
        {state === 'skipped' ? reasonOf(reason) : visibleText(reason)}
      </Text>
    </Alert>
  );
}

function Facts({ run }: { run: Run }): JSX.Element {
  const { id, trigger_id: triggerId, trigger, revision, started_at: startedAt } = run;
  const revisionPath = `/triggers/${triggerId}?tab=revisions&revision=${revision}`;
  return (
    <KeyValues
      facts={[
        ['Trigger', <TriggerLink key="trigger" id={triggerId} name={trigger} />],
        [
          'Revision',
          <AppLink key="revision" to={revisionPath}>
            {revision}
          </AppLink>,
        ],
        ['Event', <Id key="event" id={run.event_id} />],
        ['Type', visibleLine(run.event_type)],
        ['Cycle', run.cycle],
        ['Workflow', startedAt === null ? notStarted(run) : <WorkflowLink id={run.workflow_id} />],
        ['Planned', <Time key="planned" at={run.created_at} isExact />],
        ['Started', <Time key="started" at={startedAt} isExact />],
        ['Ended', <Time key="ended" at={run.ended_at} isExact />],
        ['Took', <Duration key="took" ms={tookMs(run)} />],
        [
          'Dead letter',
          run.state === 'failed' ? (
            <AppLink key="letter" to={`/dead-letters?state=all&text=${id}`}>
              in the dead letters
            </AppLink>
          ) : undefined,
        ],
      ]}
    />
  );
}

function TriggerLink({ id, name }: { id: string; name: string }): JSX.Element {
  return (
    <>
      <AppLink to={`/triggers/${id}`}>{visibleLine(name)}</AppLink> <Id id={id} />
    </>
  );
}

/** A run that fails by its condition never had one. */
function notStarted({ state }: Run): string {
  return state === 'pending' ? 'Not yet started: it is as soon as Temporal answers' : 'None';
}

/** What the API takes: a run that has ended. */
const redrivable: ReadonlySet<string> = new Set(['succeeded', 'failed', 'cancelled', 'skipped']);

interface RedriveProps {
  readonly run: Run;
  readonly onOpened: (run: Redriven) => void;
}

function Redrive({ run, onOpened }: RedriveProps): JSX.Element {
  const [isAsking, setAsking] = useState(false);
  const isPossible = redrivable.has(run.state);
  return (
    <>
      <Button
        size="xs"
        leftSection={<Icon name="refresh" size={14} />}
        disabled={!isPossible}
        onClick={() => setAsking(true)}
        {...(isPossible ? {} : { title: 'Only a run that has ended can be redriven' })}
      >
        Redrive
      </Button>
      {isAsking && <Confirm run={run} onOpened={onOpened} onClose={() => setAsking(false)} />}
    </>
  );
}

function Confirm(props: RedriveProps & { readonly onClose: () => void }): JSX.Element {
  const { run, onOpened, onClose } = props;
  const [reason, setReason] = useState('');
  const { id, trigger, revision, cycle, event_type: type } = run;
  async function redrive(): Promise<void> {
    const call = { params: { path: { id } }, body: givenReason(reason) };
    onOpened(await answerOf(api.POST('/v1/trigger-runs/{id}/redrive', call)));
  }
  return (
    <ConfirmOne
      isOpen
      onClose={onClose}
      title="Redrive the trigger run"
      confirmLabel="Redrive"
      run={redrive}
    >
      <Text size="sm">
        Cycle {cycle + 1} of this run is started: {visibleLine(trigger)} acts again on the same
        event, {visibleLine(type)}, by revision {revision} as the first time. What it does outside
        happens again unless it is safe to repeat.
      </Text>
      <Id id={id} isPlain />
      <WhyField value={reason} onChange={setReason} />
    </ConfirmOne>
  );
}

function Opened({ run: { cycle, workflow_id: workflowId } }: { run: Redriven }): JSX.Element {
  return (
    <Alert color="green" role="status" icon={<Icon name="check" />} title="Redriven">
      <Text size="sm" component="div">
        This page follows cycle {cycle}, which is the workflow <WorkflowLink id={workflowId} />
      </Text>
    </Alert>
  );
}
