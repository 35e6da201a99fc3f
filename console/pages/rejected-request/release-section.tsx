import { Button, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { useState } from 'react';
import type { JSX } from 'react';
import { useChange } from '../../api/change.ts';
import { AppLink } from '../../parts/app-link.tsx';
import { Id } from '../../parts/id.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { Badge } from '../../parts/state-badge.tsx';
import type { Answers } from '../../../src/client/index.ts';
import { releaseOne } from '../rejected-requests/release.ts';
import { TimeChoice } from '../rejected-requests/release-dialog.tsx';

/** Lets a rejected request in after all, or says why it can't be. */
export function ReleaseSection(props: { request: Answers['WholeRejectedRequest'] }): JSX.Element {
  const { id, state, event_id: eventId, is_releasable, integration_id } = props.request;
  const [isTimeIgnored, setTimeIgnored] = useState(false);
  const releasing = useChange(() => releaseOne(id, isTimeIgnored));
  return (
    <Paper component="section" withBorder p="md" aria-labelledby="release">
      <Stack gap="sm">
        <Title order={2} id="release">
          Release
        </Title>
        {state === 'released' && (
          <Released eventId={eventId} isDuplicate={releasing.data?.status === 'duplicate'} />
        )}
        {state === 'kept' && !is_releasable && (
          <Text size="sm">It was too large to be kept whole: have the sender send it again.</Text>
        )}
        {is_releasable && (
          <>
            <Text size="sm">
              Fix the secret or setting on{' '}
              <AppLink to={`/integrations/webhooks/channels/${integration_id}`}>
                the page of the channel
              </AppLink>
              , then release: it is verified again, with the secrets of today. When it verifies, it
              becomes an event and its triggers start.
            </Text>
            <TimeChoice isTimeIgnored={isTimeIgnored} onChange={setTimeIgnored} />
            {releasing.error && <ProblemAlert error={releasing.error} />}
            <Group>
              <Button loading={releasing.isPending} onClick={() => releasing.mutate(undefined)}>
                Release
              </Button>
            </Group>
          </>
        )}
      </Stack>
    </Paper>
  );
}

function Released(props: { eventId: string | null; isDuplicate: boolean }): JSX.Element {
  return (
    <Group gap="xs" role="status">
      <Badge tone="good" icon="check">
        released
      </Badge>
      <Text size="sm">
        {props.isDuplicate
          ? 'The provider had sent it again meanwhile: it is the same event as before.'
          : 'It was verified again and is an event:'}
      </Text>
      <Id id={props.eventId} />
    </Group>
  );
}
