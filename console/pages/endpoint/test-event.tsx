import { Button, Group, NativeSelect, Paper, Stack, Tabs, Text, Title } from '@mantine/core';
import { useState } from 'react';
import type { JSX } from 'react';
import { useChange } from '../../api/change.ts';
import { answerOf, api } from '../../api/client.ts';
import { Body } from '../../parts/body.tsx';
import { useEventTypes } from '../../parts/filter-options.ts';
import { onFirstClick } from '../../parts/first-click.ts';
import { Icon } from '../../parts/icon.tsx';
import { HeaderTable, KeyValues } from '../../parts/key-values.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { outcomeWords } from '../../parts/reason-words.ts';
import { durationWords } from '../../parts/time-words.ts';
import { visibleLine } from '../../parts/visible-text.ts';
import type { Answers } from '../../../src/client/index.ts';
import type { Endpoint } from './endpoint.ts';
import { PastTests } from './past-tests.tsx';
import { TestOutcome } from './test-outcome.tsx';

/** Sends an example once, and shows what came back. */
export function TestEvent({ endpoint: { id } }: { endpoint: Endpoint }): JSX.Element {
  const types = useEventTypes();
  const [type, setType] = useState('');
  const test = useChange(() =>
    answerOf(
      api.POST('/v1/endpoints/{id}/test-events', {
        params: { path: { id } },
        body: type === '' ? {} : { type },
      }),
    ),
  );
  return (
    <Paper component="section" withBorder p="md" aria-labelledby="test">
      <Stack gap="sm">
        <div>
          <Title order={2} id="test">
            Test event
          </Title>
          <Text size="sm" c="dimmed">
            Sends an example once, signed and timed as an attempt, with the header X-Webhook-Test.
            It is an entry of the audit log and nothing else: nothing is tried again.
          </Text>
        </div>
        <Group align="flex-end" gap="xs">
          <NativeSelect
            size="xs"
            label="Type of the test event"
            value={type}
            data={[{ value: '', label: 'The first that it asks for' }, ...types]}
            onChange={({ currentTarget }) => setType(currentTarget.value)}
          />
          <Button
            size="xs"
            leftSection={<Icon name="send" size={14} />}
            loading={test.isPending}
            onClick={onFirstClick(() => test.mutate(undefined))}
          >
            Send a test event
          </Button>
        </Group>
        {test.error && <ProblemAlert error={test.error} />}
        {test.data && <Outcome tested={test.data} />}
        <PastTests endpointId={id} />
      </Stack>
    </Paper>
  );
}

function Outcome({ tested }: { tested: Answers['TestedEndpoint'] }): JSX.Element {
  const { is_delivered: isDelivered, status, reason, duration_ms: ms, deadline_ms } = tested;
  return (
    <Stack gap="sm">
      <Group gap="xs" role="status">
        <TestOutcome isDelivered={isDelivered} />
        <Text size="sm">
          {outcomeWords(status, reason)}, in {durationWords(ms)} of the {durationWords(deadline_ms)}{' '}
          that it may take.
        </Text>
      </Group>
      <Timings timings={tested.timings} />
      <Tabs defaultValue="response" keepMounted={false}>
        <Tabs.List mb="sm">
          <Tabs.Tab value="response">Response</Tabs.Tab>
          <Tabs.Tab value="request">Request</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="response">
          <Stack gap="sm">
            <HeaderTable headers={tested.response_headers} />
            <Body text={tested.response_body} label="the body of the response" />
          </Stack>
        </Tabs.Panel>
        <Tabs.Panel value="request">
          <Stack gap="sm">
            <KeyValues
              facts={[
                ['URL', visibleLine(tested.url)],
                ['Event type', visibleLine(tested.type)],
              ]}
            />
            <HeaderTable headers={tested.request_headers} />
            <Body text={tested.request_body} label="the body of the request" />
          </Stack>
        </Tabs.Panel>
      </Tabs>
    </Stack>
  );
}

/** Where the time went. */
function Timings({ timings }: Pick<Answers['TestedEndpoint'], 'timings'>): JSX.Element {
  const words = (ms: number | null): string =>
    ms === null ? 'not needed, or not reached' : durationWords(ms);
  return (
    <KeyValues
      facts={[
        ['DNS', words(timings.dns_ms)],
        ['TCP', words(timings.connect_ms)],
        ['TLS', words(timings.tls_ms)],
        ['First byte', words(timings.first_byte_ms)],
      ]}
    />
  );
}
