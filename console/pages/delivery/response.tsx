import { Stack, Text, Title } from '@mantine/core';
import type { JSX } from 'react';
import { HeaderTable, KeyValues } from '../../parts/key-values.tsx';
import { outcomeWords } from '../../parts/reason-words.ts';
import { Duration, Time } from '../../parts/time.tsx';
import { visibleLine } from '../../parts/visible-text.ts';
import type { Answers } from '../../../src/client/index.ts';
import { Body } from '../../parts/body.tsx';

/** What came back, and the times. */
export function Response({ attempt }: { attempt: Answers['Attempt'] }): JSX.Element {
  const { status, reason, started_at, duration_ms, retry_after_ms, next_wait_ms } = attempt;
  const { ack_detail } = attempt;
  return (
    <Stack gap="sm">
      <KeyValues
        facts={[
          ['Came to', outcomeWords(status, reason)],
          ['Status', status ?? 'none: no answer came'],
          ['Began', <Time key="began" at={started_at} isExact />],
          ['Took', <Duration key="took" ms={duration_ms} />],
          [
            'Retry-After',
            retry_after_ms === null ? undefined : <Duration key="asked" ms={retry_after_ms} />,
          ],
          [
            'Wait after it',
            next_wait_ms === null ? lastWords(reason) : <Duration key="w" ms={next_wait_ms} />,
          ],
          ['The consumer said', ack_detail === null ? undefined : visibleLine(ack_detail)],
        ]}
      />
      <Title order={3} size="h5">
        Headers of the response
      </Title>
      <HeaderTable headers={attempt.response_headers} />
      <Title order={3} size="h5">
        Body of the response
      </Title>
      <Body text={attempt.response_body} label="the body of the response" />
      <Text size="xs" c="dimmed">
        Of a long body the beginning is kept.
      </Text>
    </Stack>
  );
}

/** Why no wait is known after an attempt. */
function lastWords(reason: string | null): string {
  return reason === 'ack_pending'
    ? 'not known yet: it may be acknowledged'
    : 'none: it was the last';
}
