import { Stack } from '@mantine/core';
import type { JSX } from 'react';
import { useId } from '../../address.ts';
import { useRead } from '../../api/read.ts';
import { AppLink } from '../../parts/app-link.tsx';
import { Id } from '../../parts/id.tsx';
import { HeaderTable, KeyValues } from '../../parts/key-values.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { PlainText } from '../../parts/plain-text.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { sizeWords } from '../../parts/size-words.ts';
import { Badge } from '../../parts/state-badge.tsx';
import { Time } from '../../parts/time.tsx';
import { visibleLine } from '../../parts/visible-text.ts';
import { PageLoading } from '../../shell/page-loading.tsx';
import type { Answers } from '../../../src/client/index.ts';
import { BodyTabs } from './body-tabs.tsx';
import { Expunge } from './expunge.tsx';
import { Explained } from './explained.tsx';
import { Section } from './section.tsx';

type Event = Answers['Event'];

/** One event: from its request to the last attempt that followed from it, and what it holds. */
export function Page(): JSX.Element {
  const id = useId();
  const { data, error, refetch } = useRead('/v1/events/{id}', { id });
  if (!data) {
    return (
      <>
        <PageHeader title="Event" />
        {error ? <ProblemAlert error={error} onRetry={() => void refetch()} /> : <PageLoading />}
      </>
    );
  }
  return (
    <>
      <PageHeader
        title={`Event ${visibleLine(data.type)}`}
        badge={<Badge tone="idle">{data.direction === 'inbound' ? 'in' : 'out'}</Badge>}
        about={<Id id={id} isFull isPlain />}
        actions={
          <>
            <AppLink to={replayPath(data)}>Replay a timeframe around it</AppLink>
            {data.payload_dropped_at === null && <Expunge id={id} />}
          </>
        }
      />
      <Stack>
        <Facts event={data} />
        <Explained id={id} />
        {data.payload_dropped_at === null ? (
          <>
            <Section title="Body">
              <BodyTabs event={data} />
            </Section>
            {data.direction === 'inbound' && <Request event={data} />}
          </>
        ) : (
          <Section title="Body">
            {data.payload_dropped_for === 'age'
              ? 'Dropped with the day it came on, '
              : 'Dropped because a person asked for it, '}
            <Time at={data.payload_dropped_at} isExact />.
          </Section>
        )}
      </Stack>
    </>
  );
}

/** What came shortly before is rarely of interest alone, what came shortly after neither. */
const aroundMs = 5 * 60_000;

function replayPath({ direction, received_at: at }: Event): string {
  const moment = (shiftMs: number): string => new Date(Date.parse(at) + shiftMs).toISOString();
  const frame = `from=${moment(-aroundMs)}&to=${moment(aroundMs)}`;
  return `/integrations/webhooks/replays?direction=${direction}&${frame}`;
}

function Facts({ event }: { event: Event }): JSX.Element {
  const isIn = event.direction === 'inbound';
  return (
    <Section title="Facts">
      <KeyValues
        facts={[
          [isIn ? 'Received' : 'Published', <Time key="at" at={event.received_at} isExact />],
          ['Source', visibleLine(event.source)],
          ['Type', visibleLine(event.type)],
          ['Channel', isIn ? <Id key="channel" id={event.integration_id} /> : undefined],
          [
            'Delivery id of the sender',
            isIn ? <Id key="dedupe" id={event.dedupe_id} /> : undefined,
          ],
          ['Body', bodyWords(event)],
          ['Trace', event.traceparent === null ? undefined : visibleLine(event.traceparent)],
        ]}
      />
    </Section>
  );
}

function bodyWords({ body_bytes: bytes, content_type: type }: Event): string {
  return `${sizeWords(bytes)}, ${type === null ? 'of no stated type' : visibleLine(type)}`;
}

function Request({ event: { query, headers } }: { event: Event }): JSX.Element {
  return (
    <>
      <Section title="Query">
        {query === '' ? 'None' : <PlainText text={query} label="the query" />}
      </Section>
      <Section title="Headers">
        <HeaderTable headers={headers} />
      </Section>
    </>
  );
}
