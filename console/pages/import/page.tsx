import { Stack } from '@mantine/core';
import type { JSX } from 'react';
import { useId } from '../../address.ts';
import { useRead } from '../../api/read.ts';
import { AppLink } from '../../parts/app-link.tsx';
import { Id } from '../../parts/id.tsx';
import { KeyValues } from '../../parts/key-values.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { ProgressBar } from '../../parts/progress-bar.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { Time } from '../../parts/time.tsx';
import { visibleLine } from '../../parts/visible-text.ts';
import { WorkflowLink } from '../../parts/workflow-link.tsx';
import { PageLoading } from '../../shell/page-loading.tsx';
import type { Answers } from '../../../src/client/index.ts';
import { Section } from '../event/section.tsx';
import { Refused } from './refused.tsx';

type Import = Answers['ReadImport'];

/** How soon the page shows how far it is. */
const refreshMs = 1500;

/** One import: how far it is, and what could not be taken. */
export function Page(): JSX.Element {
  const id = useId();
  const { data, error, refetch } = useRead('/v1/imports/{id}', {
    id,
    everyMs: (known) => (known === undefined || known.state === 'pending') && refreshMs,
  });
  if (data) return <Shown shown={data} />;
  return (
    <>
      <PageHeader title="Import" />
      {error ? <ProblemAlert error={error} onRetry={() => void refetch()} /> : <PageLoading />}
    </>
  );
}

function Shown({ shown }: { shown: Import }): JSX.Element {
  const { source, state, item_count: sent, count: taken, error_count: refused, errors } = shown;
  return (
    <Stack gap="md">
      <PageHeader
        title={`Import from ${visibleLine(source)}`}
        badge={<StateBadge state={state} />}
        about={<div role="status">{summaryWords(shown)}</div>}
      />
      <Section title="Progress">
        <ProgressBar
          label="Progress of the import"
          words={`${countWords(taken)} taken, ${countWords(refused)} refused, of ${countWords(sent)}`}
          max={sent}
          sections={[
            { color: 'green', value: taken },
            { color: 'red', value: refused },
          ]}
        />
      </Section>
      <Facts shown={shown} />
      {refused > 0 && <Refused errors={errors} count={refused} />}
    </Stack>
  );
}

function summaryWords(shown: Import): string {
  const { state, started_at: startedAt, count: taken, error_count: refused } = shown;
  if (state === 'cancelled' || state === 'failed') {
    return 'It was ended in Temporal before all of it was taken: send it again.';
  }
  if (startedAt === null) return 'It waits for Temporal to take it.';
  if (state === 'pending') return 'Its items are being taken.';
  if (refused === 0) return 'All of it is taken.';
  return taken === 0
    ? 'None of it could be taken: below is why.'
    : 'What could be taken is taken: below is what could not, and why.';
}

function countWords(count: number): string {
  return count.toLocaleString('en');
}

function Facts({ shown }: { shown: Import }): JSX.Element {
  const { id, source, ended_at: endedAt } = shown;
  return (
    <KeyValues
      facts={[
        ['Import', <Id key="id" id={id} isFull isPlain />],
        ['Source', visibleLine(source)],
        ['Sent', <Time key="sent" at={shown.created_at} isExact />],
        ['Started', <Time key="started" at={shown.started_at} isExact />],
        ['Ended', <Time key="ended" at={endedAt} isExact />],
        [
          'Told by',
          endedAt === null ? undefined : (
            <AppLink key="told" to="/events?type=import.completed">
              import.completed
            </AppLink>
          ),
        ],
        ['Open in Temporal', <WorkflowLink key="workflow" id={id} />],
      ]}
    />
  );
}
