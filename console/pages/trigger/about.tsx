import { Stack, Text, Title } from '@mantine/core';
import type { JSX } from 'react';
import { useRead } from '../../api/read.ts';
import { viewOf } from '../../api/list.ts';
import { AppLink } from '../../parts/app-link.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { Id } from '../../parts/id.tsx';
import { KeyValues } from '../../parts/key-values.tsx';
import { Time } from '../../parts/time.tsx';
import type { Answers } from '../../../src/client/index.ts';
import { actionWords, listensWords } from '../triggers/trigger-words.ts';
import { FilePath } from './file-path.tsx';
import { guardWordsOf } from './guard-words.ts';
import { NumberedText } from './numbered-text.tsx';
import { runColumns } from './run-columns.tsx';

type Trigger = Answers['TriggerWithText'];

/** What it listens to, its last runs, and its text. */
export function About({ trigger }: { trigger: Trigger }): JSX.Element {
  const { id, text, revision } = trigger;
  return (
    <Stack>
      <Facts trigger={trigger} />
      <LastRuns id={id} />
      <section aria-label="The text">
        <Title order={2} mb="xs">
          The text, revision {revision}
        </Title>
        {text === null ? (
          <Text size="sm">None was good yet</Text>
        ) : (
          <NumberedText text={text} label="the text of the trigger" />
        )}
      </section>
    </Stack>
  );
}

function Facts({ trigger }: { trigger: Trigger }): JSX.Element {
  const { id, revision } = trigger;
  const failures = `/triggers/${id}?tab=runs&state=failed&range=24h`;
  return (
    <KeyValues
      facts={[
        ['Trigger', <Id key="id" id={id} isFull isPlain />],
        ['Listens to', listensWords(trigger)],
        ['Does', trigger.action && actionWords(trigger.action)],
        ...guardWordsOf(trigger),
        ['Kept', <Place key="kept" trigger={trigger} />],
        ['Revision', revision === 0 ? 'none yet' : revision],
        ['Made', <Time key="made" at={trigger.created_at} />],
        ['Runs in 24 h', trigger.runs_24h.toLocaleString('en')],
        [
          'Failed of them',
          trigger.failures_24h === 0 ? (
            '0'
          ) : (
            <AppLink key="failures" to={failures}>
              {trigger.failures_24h.toLocaleString('en')}
            </AppLink>
          ),
        ],
        ['Last run', <Time key="last" at={trigger.last_run_at} />],
      ]}
    />
  );
}

/** A text that was saved here is changed here, one of a file there. */
function Place({ trigger: { id, file } }: { trigger: Trigger }): JSX.Element {
  if (file === null) {
    return (
      <>
        saved here: <AppLink to={`/triggers/${id}/edit`}>edit it</AppLink>
      </>
    );
  }
  return (
    <>
      <FilePath file={file} />
      <Text size="sm" c="dimmed">
        Change it there, on the server. <AppLink to={`/triggers/${id}/edit`}>Try a change</AppLink>{' '}
        of it here first.
      </Text>
    </>
  );
}

const lastCount = '10';

function LastRuns({ id }: { id: string }): JSX.Element {
  const query = { trigger_id: id, limit: lastCount };
  const list = viewOf(useRead('/v1/trigger-runs', { query, everyMs: 5000 }), ({ data }) => data);
  return (
    <section aria-label="Last runs">
      <Title order={2} mb="xs">
        Last runs
      </Title>
      <DataTable
        label="Last runs"
        list={list}
        columns={runColumns}
        rowId={(run) => run.id}
        rowPath={(run) => `/trigger-runs/${run.id}`}
        empty={
          <EmptyState title="It has not run yet">
            Each event that it fires for makes a run. An event’s page says why a trigger did not
            fire: <AppLink to="/events?direction=inbound">Events</AppLink>.
          </EmptyState>
        }
      />
      {list.rows !== undefined && list.rows.length > 0 && (
        <Text size="sm" mt="xs">
          <AppLink to={`/triggers/${id}?tab=runs`}>All runs of this trigger</AppLink>
        </Text>
      )}
    </section>
  );
}
