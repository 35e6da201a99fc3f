import { Stack } from '@mantine/core';
import { useState } from 'react';
import type { JSX } from 'react';
import { useId } from '../../address.ts';
import { useRead } from '../../api/read.ts';
import { AppLink } from '../../parts/app-link.tsx';
import { Id } from '../../parts/id.tsx';
import { KeyValues } from '../../parts/key-values.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { Time } from '../../parts/time.tsx';
import { visibleLine } from '../../parts/visible-text.ts';
import { WorkflowLink } from '../../parts/workflow-link.tsx';
import { PageLoading } from '../../shell/page-loading.tsx';
import { Section } from '../event/section.tsx';
import { Actions } from './actions.tsx';
import { Artifacts } from './artifacts.tsx';
import { Entries } from './entries.tsx';
import { SessionState } from './session-state.tsx';
import { costWords } from './session-words.ts';
import type { Session } from './session-words.ts';
import { Summary } from './summary.tsx';
import { Value } from './value.tsx';

/** How soon the page shows what an agent at work has done. */
const workingMs = 2000;

/** After its end little happens: the agent takes what came before, and it is archived. */
const endedMs = 10_000;

/** One session: what it is for, what reached it, what it did, and its end. */
export function Page(): JSX.Element {
  const id = useId();
  const [isEnded, setEnded] = useState(false);
  const everyMs = isEnded ? endedMs : workingMs;
  const { data, error, refetch } = useRead('/v1/sessions/{id}', { id, everyMs });
  const isEndedNow = data !== undefined && data.state !== 'active';
  if (isEndedNow !== isEnded) setEnded(isEndedNow);
  if (data) return <Shown key={id} session={data} everyMs={everyMs} />;
  return (
    <>
      <PageHeader title="Session" />
      {error ? <ProblemAlert error={error} onRetry={() => void refetch()} /> : <PageLoading />}
    </>
  );
}

function Shown({ session, everyMs }: { session: Session; everyMs: number }): JSX.Element {
  return (
    <Stack gap="md">
      <PageHeader
        title={`Session ${visibleLine(session.name)}`}
        badge={<SessionState session={session} />}
        about={<Summary session={session} />}
        actions={<Actions session={session} />}
      />
      <Facts session={session} />
      {session.artifacts !== null && session.artifacts.length > 0 && (
        <Artifacts artifacts={session.artifacts} />
      )}
      <Section title="What it was started with">
        <Value value={session.input} label="the input" />
      </Section>
      <Entries session={session} everyMs={everyMs} />
    </Stack>
  );
}

function Facts({ session }: { session: Session }): JSX.Element {
  const { id, key, run_id: runId, event_id: eventId } = session;
  return (
    <KeyValues
      facts={[
        ['Session', <Id key="id" id={id} isFull isPlain />],
        ['Key', key === null ? 'None' : <KeyLink key="key" session={session} />],
        ['For', visibleLine(session.user_id)],
        ['Opened by', runId === null ? 'The API' : <OpenedBy key="by" id={runId} />],
        ['Because of', eventId === null ? undefined : <Id key="event" id={eventId} />],
        ['Opened', <Time key="opened" at={session.created_at} isExact />],
        ['Last active', <Time key="active" at={session.last_active_at} isExact />],
        ['Finished', <Time key="finished" at={session.finished_at} isExact />],
        ['Archived', <Time key="archived" at={session.archived_at} isExact />],
        ['Cost', costWords(session)],
        ['Open in Temporal', <WorkflowLink key="workflow" id={id} />],
      ]}
    />
  );
}

function OpenedBy({ id }: { id: string }): JSX.Element {
  return (
    <>
      Trigger run <Id id={id} />
    </>
  );
}

/** The key, with the way to the sessions that had it. */
function KeyLink({ session: { name, key } }: { session: Session }): JSX.Element {
  const search = new URLSearchParams({ name, key: key ?? '' });
  return (
    <>
      {visibleLine(key ?? '')}{' '}
      <AppLink to={`/sessions?${search.toString()}`}>All sessions of this key</AppLink>
    </>
  );
}
