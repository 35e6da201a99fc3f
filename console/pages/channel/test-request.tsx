import { Button, Group, NativeSelect, Paper, Stack, Text, Title } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { JSX } from 'react';
import { answerOf, api } from '../../api/client.ts';
import { useRead } from '../../api/read.ts';
import { AppLink } from '../../parts/app-link.tsx';
import type { ChannelName } from '../../parts/channels.ts';
import { onFirstClick } from '../../parts/first-click.ts';
import { Icon } from '../../parts/icon.tsx';
import { Id } from '../../parts/id.tsx';
import { JsonViewer } from '../../parts/json-viewer.tsx';
import { HeaderTable, KeyValues } from '../../parts/key-values.tsx';
import { PlainText } from '../../parts/plain-text.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { Badge } from '../../parts/state-badge.tsx';
import type { Answers } from '../../../src/client/index.ts';
import { senderOf } from './channel-words.ts';
import type { Integration } from './channel-words.ts';

type TestAnswer = Answers['TestRequest'];

/** Sends a sample to the integration, signed as its provider signs, and says what came of it. */
export function TestRequest({ integration }: { integration: Integration }): JSX.Element {
  const { id, channel } = integration;
  const client = useQueryClient();
  const samples = useSamples(channel);
  const [sample, setSample] = useState('');
  const test = useMutation({
    mutationFn: () =>
      answerOf(
        api.POST('/v1/integrations/{id}/test-requests', {
          params: { path: { id } },
          body: sample === '' ? {} : { sample },
        }),
      ),
    onSettled: () => client.invalidateQueries(),
  });
  return (
    <Paper component="section" withBorder p="md" aria-labelledby="test">
      <Stack gap="sm">
        <div>
          <Title order={2} id="test">
            Signed test
          </Title>
          <Text size="sm" c="dimmed">
            Sends a sample to this address, signed with its secrets as {senderOf(integration)}{' '}
            signs. It becomes a real event: triggers that match it start.
          </Text>
        </div>
        <Group align="flex-end" gap="xs">
          <NativeSelect
            size="xs"
            label="Sample"
            value={sample}
            data={[{ value: '', label: 'The usual one' }, ...samples]}
            onChange={({ currentTarget }) => setSample(currentTarget.value)}
          />
          <Button
            size="xs"
            leftSection={<Icon name="send" size={14} />}
            loading={test.isPending}
            onClick={onFirstClick(() => test.mutate())}
          >
            Send a signed test
          </Button>
        </Group>
        {test.error && <ProblemAlert error={test.error} />}
        {test.data && <Outcome answer={test.data} integrationId={id} />}
      </Stack>
    </Paper>
  );
}

function useSamples(channel: ChannelName): readonly string[] {
  const { data } = useRead('/v1/channels');
  return data?.data.find((it) => it.channel === channel)?.samples ?? [];
}

function Outcome(props: { answer: TestAnswer; integrationId: string }): JSX.Element {
  const { answer, integrationId } = props;
  const { status, body, sample, request } = answer;
  const isTaken = status < 300;
  return (
    <Stack gap="xs" role="status">
      <Group gap="xs">
        <Badge tone={isTaken ? 'good' : 'bad'} icon={isTaken ? 'check' : 'close'}>
          {isTaken ? 'accepted' : 'rejected'}
        </Badge>
        <Text size="sm">{wordsOf(answer)}</Text>
      </Group>
      <KeyValues
        facts={[
          ['Sample', sample],
          ['Event', <EventLink key="event" {...answer} integrationId={integrationId} />],
          [
            'Kept',
            isTaken ? undefined : (
              <AppLink key="kept" to={`/rejected-requests?integration_id=${integrationId}`}>
                its rejected requests
              </AppLink>
            ),
          ],
        ]}
      />
      <details>
        <summary>What was sent and answered</summary>
        <Stack gap="xs" mt="xs">
          <KeyValues
            facts={[
              ['Request', `${request.method} ${request.url}`],
              ['Answer', status],
            ]}
          />
          <HeaderTable headers={request.headers} />
          {typeof body === 'string' ? (
            <PlainText text={body} label="the body of the answer" />
          ) : (
            <JsonViewer value={body} label="the body of the answer" />
          )}
        </Stack>
      </details>
    </Stack>
  );
}

/** A check of the address makes no event, and a sample that is sent again is a duplicate. */
function EventLink(props: {
  event_id: string | null;
  status: number;
  integrationId: string;
}): JSX.Element {
  if (props.event_id !== null) return <Id id={props.event_id} />;
  if (props.status >= 300) return <>none</>;
  return (
    <AppLink to={`/events?integration_id=${props.integrationId}`}>
      events of this integration
    </AppLink>
  );
}

function wordsOf({ status, event_id: eventId, body }: TestAnswer): string {
  if (status >= 300) return `Answered ${status}: ${detailOf(body)}`;
  return eventId === null
    ? `Answered ${status}. The answer names no event: see the events of this integration.`
    : `Answered ${status}, and it is an event now.`;
}

function detailOf(body: unknown): string {
  const isProblem = typeof body === 'object' && body !== null && 'detail' in body;
  return isProblem ? String(body.detail) : 'see the answer below';
}
