import { Paper, Stack, Text, Title } from '@mantine/core';
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
      {data && <Catalog types={data.data} />}
    </>
  );
}

type Entry = Answers['EventType'];

function Catalog({ types }: { types: readonly Entry[] }): JSX.Element {
  const operational = types.filter((it) => it.is_operational);
  return (
    <Stack>
      {types
        .filter((it) => !it.is_operational)
        .map((eventType) => (
          <EventType key={eventType.type} eventType={eventType} heading="h2" />
        ))}
      <CustomTypes />
      {operational.length > 0 && <Operational types={operational} />}
    </Stack>
  );
}

function Operational({ types }: { types: readonly Entry[] }): JSX.Element {
  return (
    <Stack component="section" aria-labelledby="operational" mt="md">
      <div>
        <Title order={2} id="operational">
          Operational events
        </Title>
        <Text size="sm">
          What the platform says of its own work. Only endpoints that name them get them, by the
          full name or by the beginning endpoint.*: an endpoint that asks for * does not.
        </Text>
      </div>
      {types.map((eventType) => (
        <EventType key={eventType.type} eventType={eventType} heading="h3" />
      ))}
    </Stack>
  );
}

function EventType(props: { eventType: Entry; heading: 'h2' | 'h3' }): JSX.Element {
  const { eventType, heading: Heading } = props;
  const { type, description, when, is_verbose, example, schema } = eventType;
  return (
    <Paper component="article" withBorder p="md" aria-labelledby={type}>
      <Stack gap="sm">
        <div>
          <Heading id={type} className={classes.name}>
            {type}{' '}
            {is_verbose && (
              <Badge tone="warn" icon="info" title="A beginning, as agent.*, does not bring it">
                only by its full name
              </Badge>
            )}
          </Heading>
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
