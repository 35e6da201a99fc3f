import { Group } from '@mantine/core';
import type { JSX } from 'react';
import { Badge } from '../../parts/state-badge.tsx';

/** What a test came to, and that it was one. */
export function TestOutcome({ isDelivered }: { isDelivered: boolean }): JSX.Element {
  return (
    <Group gap={4}>
      <Badge tone={isDelivered ? 'good' : 'bad'} icon={isDelivered ? 'check' : 'close'}>
        {isDelivered ? 'delivered' : 'failed'}
      </Badge>
      <Badge tone="idle" title="Counts for nothing: no delivery, no health">
        test
      </Badge>
    </Group>
  );
}
