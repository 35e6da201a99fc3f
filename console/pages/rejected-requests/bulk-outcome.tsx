import { Button, Group, Stack, Text } from '@mantine/core';
import type { JSX } from 'react';
import { AppLink } from '../../parts/app-link.tsx';
import { Id } from '../../parts/id.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { visibleLine } from '../../parts/visible-text.ts';
import type { BulkProgress } from './release.ts';

/** More lines than this nobody reads. */
const shownMax = 200;

/** What became of all that matched, refused ones one by one. */
export function BulkOutcome(props: {
  progress: BulkProgress;
  error: Error | null;
  onClose: () => void;
}): JSX.Element {
  const { progress, error, onClose } = props;
  const { matched, accepted, duplicate, refused } = progress;
  return (
    <Stack gap="sm" role="status">
      {error && <ProblemAlert error={error} />}
      <Text fw={600}>
        {matched.toLocaleString('en')} tried: {accepted.toLocaleString('en')} accepted,{' '}
        {duplicate.toLocaleString('en')} taken before, {refused.length.toLocaleString('en')} refused
      </Text>
      {accepted > 0 && (
        <Text size="sm">
          The accepted ones are <AppLink to="/events?direction=inbound">events</AppLink> now.
        </Text>
      )}
      {refused.slice(0, shownMax).map(({ id, reason }) => (
        <Group key={id} gap="xs">
          <Id id={id} />
          <Text size="sm">{visibleLine(reason)}</Text>
        </Group>
      ))}
      {refused.length > shownMax && (
        <Text size="sm" c="dimmed">
          and {(refused.length - shownMax).toLocaleString('en')} more
        </Text>
      )}
      <Group justify="flex-end">
        <Button onClick={onClose}>Close</Button>
      </Group>
    </Stack>
  );
}
