import { Paper, Stack, Tabs, Text, Title } from '@mantine/core';
import { useEffect, useEffectEvent } from 'react';
import type { JSX } from 'react';
import { useRead } from '../../api/read.ts';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { PageLoading } from '../../shell/page-loading.tsx';
import { Response } from './response.tsx';
import type { Delivery } from './rungs.ts';
import { SentRequest, Signatures } from './sent-request.tsx';

export interface AttemptDetailProps {
  readonly delivery: Delivery;
  readonly cycle: number;
  readonly number: number;
}

/** One attempt: what came back, what was sent, how it was signed. */
export function AttemptDetail({ delivery, cycle, number }: AttemptDetailProps): JSX.Element {
  const hasCycles = delivery.cycles.length > 1;
  return (
    <Paper component="section" withBorder p="md" aria-labelledby="attempt">
      <Stack gap="sm">
        <Title order={2} id="attempt">
          Attempt {number}
          {hasCycles && ` of cycle ${cycle}`}
        </Title>
        <Tabs defaultValue="response" keepMounted={false}>
          <Tabs.List mb="sm">
            <Tabs.Tab value="response">Response</Tabs.Tab>
            <Tabs.Tab value="request">Request</Tabs.Tab>
            <Tabs.Tab value="signature">Signature</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="response">
            <ResponsePanel delivery={delivery} cycle={cycle} number={number} />
          </Tabs.Panel>
          <Tabs.Panel value="request">
            <RequestPanel delivery={delivery} cycle={cycle} number={number} of="request" />
          </Tabs.Panel>
          <Tabs.Panel value="signature">
            <RequestPanel delivery={delivery} cycle={cycle} number={number} of="signature" />
          </Tabs.Panel>
        </Tabs>
      </Stack>
    </Paper>
  );
}

function ResponsePanel({ delivery, cycle, number }: AttemptDetailProps): JSX.Element {
  const { data, error, refetch } = useRead('/v1/deliveries/{id}/attempts', {
    id: delivery.id,
    query: { cycle: String(cycle) },
  });
  useReadAgain(delivery, refetch);
  const attempt = data?.data.find((each) => each.cycle === cycle && each.number === number);
  if (attempt) return <Response attempt={attempt} />;
  if (error) return <ProblemAlert error={error} onRetry={() => void refetch()} />;
  if (!data) return <PageLoading />;
  return <Text size="sm">Nothing has come back: no such attempt is recorded.</Text>;
}

function RequestPanel(props: AttemptDetailProps & { of: 'request' | 'signature' }): JSX.Element {
  const { delivery, cycle, number } = props;
  const { data, error, refetch } = useRead('/v1/deliveries/{id}/request', {
    id: delivery.id,
    query: { cycle: String(cycle), number: String(number) },
  });
  useReadAgain(delivery, refetch);
  if (error?.status === 404) return <Text size="sm">{error.said.detail}: nothing was sent.</Text>;
  if (data) {
    return props.of === 'request' ? <SentRequest request={data} /> : <Signatures request={data} />;
  }
  if (error) return <ProblemAlert error={error} onRetry={() => void refetch()} />;
  return <PageLoading />;
}

/** What is told of an attempt changes when it is made, or when it is not going to be. */
function useReadAgain(delivery: Delivery, refetch: () => Promise<unknown>): void {
  const readAgain = useEffectEvent(() => void refetch());
  const made = `${delivery.cycle} ${delivery.attempt_count} ${delivery.state}`;
  useEffect(() => readAgain(), [made]);
}
