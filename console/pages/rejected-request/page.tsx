import { Paper, Stack, Text, Title } from '@mantine/core';
import type { JSX } from 'react';
import { useId } from '../../address.ts';
import { useRead } from '../../api/read.ts';
import { channelTitle } from '../../parts/channels.ts';
import { Id } from '../../parts/id.tsx';
import { KeyValues } from '../../parts/key-values.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { Time } from '../../parts/time.tsx';
import { visibleText } from '../../parts/visible-text.ts';
import { PageLoading } from '../../shell/page-loading.tsx';
import type { Answers } from '../../../src/client/index.ts';
import { ClockDifference } from '../rejected-requests/clock-difference.tsx';
import { reasonWords } from '../rejected-requests/reason-words.ts';
import { Doctor } from './doctor.tsx';
import { ReleaseSection } from './release-section.tsx';
import { RequestAsSent } from './request-as-sent.tsx';

type Request = Answers['WholeRejectedRequest'];

/** One refused request: why, what to do, what the doctor finds, and the way to let it in. */
export function Page(): JSX.Element {
  const id = useId();
  const { data, error, refetch } = useRead('/v1/rejected-requests/{id}', { id });
  if (!data) {
    return (
      <>
        <PageHeader title="Rejected request" />
        {error ? <ProblemAlert error={error} onRetry={() => void refetch()} /> : <PageLoading />}
      </>
    );
  }
  return (
    <>
      <PageHeader
        title={reasonWords(data.reason)}
        about={visibleText(data.what_to_do)}
        badge={<StateBadge state={data.state} />}
      />
      <Stack>
        <Why request={data} />
        {data.is_releasable && <Doctor key={data.id} id={data.id} />}
        <ReleaseSection key={`release ${data.id}`} request={data} />
        <RequestAsSent request={data} />
      </Stack>
    </>
  );
}

function Why({ request }: { request: Request }): JSX.Element {
  const { clock_difference_s: seconds, received_signature: received } = request;
  return (
    <Paper component="section" withBorder p="md" aria-labelledby="why">
      <Stack gap="sm">
        <Title order={2} id="why">
          Why it was refused
        </Title>
        <KeyValues
          facts={[
            ['Rejected request', <Id key="id" id={request.id} isFull isPlain />],
            ['Came', <Time key="at" at={request.received_at} isExact />],
            ['Channel', <ChannelLink key="channel" request={request} />],
            ['Reason', request.reason],
            ['The sender was told', `${request.status}: ${visibleText(request.detail)}`],
            [
              'Sender’s clock',
              seconds === null ? undefined : <ClockDifference key="clock" seconds={seconds} />,
            ],
            [
              'Signature received',
              received === null ? undefined : <Beginning key="received" text={received} />,
            ],
            [
              'Would match',
              request.computed_signatures.length === 0 ? undefined : (
                <Computed key="computed" texts={request.computed_signatures} />
              ),
            ],
          ]}
        />
      </Stack>
    </Paper>
  );
}

function ChannelLink({ request }: { request: Request }): JSX.Element {
  return (
    <>
      {channelTitle(request.channel)}, <Id id={request.integration_id} />
    </>
  );
}

/** Only the beginning is kept: the whole of what would match would open the door. */
function Beginning({ text }: { text: string }): JSX.Element {
  return <code>{visibleText(text)}…</code>;
}

function Computed({ texts }: { texts: readonly string[] }): JSX.Element {
  return (
    <>
      {texts.map((text, index) => (
        <span key={text}>
          {index > 0 && ' or '}
          <Beginning text={text} />
        </span>
      ))}
      <Text size="xs" c="dimmed" span>
        {' '}
        (one per secret that was valid; only beginnings are kept)
      </Text>
    </>
  );
}
