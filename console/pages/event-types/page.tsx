import { Paper, Stack, Text } from '@mantine/core';
import type { JSX } from 'react';
import { useRead } from '../../api/read.ts';
import { Copyable } from '../../parts/copyable.tsx';
import { JsonViewer } from '../../parts/json-viewer.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { PageLoading } from '../../shell/page-loading.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { Badge } from '../../parts/state-badge.tsx';
import type { Answers } from '../../../src/client/index.ts';
import { fieldsOf } from './schema-fields.ts';
import classes from './event-types.module.css';

/** The catalog: every type of event that an endpoint can ask for. */
export function Page(): JSX.Element {
  const { data, error, refetch } = useRead('/v1/event-types');
  return (
    <>
      <PageHeader
        title="Event catalog"
        about="What the platform publishes. Endpoints ask for these by name, or by a beginning: session.*"
      />
      {error && <ProblemAlert error={error} onRetry={() => void refetch()} />}
      {!data && !error && <PageLoading />}
      <Stack>
        {data?.data.map((eventType) => (
          <EventType key={eventType.type} eventType={eventType} />
        ))}
        {data && <CustomTypes />}
      </Stack>
    </>
  );
}

function EventType({ eventType }: { eventType: Answers['EventType'] }): JSX.Element {
  const { type, description, when, is_verbose, example, schema } = eventType;
  return (
    <Paper component="article" withBorder p="md" aria-labelledby={type}>
      <Stack gap="sm">
        <div>
          <h2 id={type} className={classes.name}>
            {type}{' '}
            {is_verbose && (
              <Badge tone="warn" icon="info" title="A beginning, as agent.*, does not bring it">
                only by its full name
              </Badge>
            )}
          </h2>
          <Text size="sm">
            {description}. Sent {when}.
          </Text>
        </div>
        <Fields schema={schema} />
        <details className={classes.example}>
          <summary>An example of its data</summary>
          <JsonViewer value={example} label={`an example of ${type}`} />
        </details>
      </Stack>
    </Paper>
  );
}

function Fields({ schema }: { schema: unknown }): JSX.Element {
  return (
    <table className={classes.fields}>
      <thead>
        <tr>
          <th scope="col">Field of its data</th>
          <th scope="col">Is</th>
        </tr>
      </thead>
      <tbody>
        {fieldsOf(schema).map(({ name, type, isRequired }) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>
              {type}
              {!isRequired && ', may be missing'}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const publishCommand = `curl "$URL/v1/events" -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' \\
  -d '{"type": "custom.order_paid", "data": {"order": 1}}'`;

function CustomTypes(): JSX.Element {
  return (
    <Paper withBorder p="md">
      <Stack gap="sm">
        <div>
          <h2 className={classes.name}>custom.…</h2>
          <Text size="sm">Types of your own, with any object as data. Nothing to register:</Text>
        </div>
        <Copyable text={publishCommand} what="the command" />
      </Stack>
    </Paper>
  );
}
