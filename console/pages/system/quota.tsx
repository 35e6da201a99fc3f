import { Text } from '@mantine/core';
import type { JSX } from 'react';
import { useRead } from '../../api/read.ts';
import { ProgressBar } from '../../parts/progress-bar.tsx';
import { Badge } from '../../parts/state-badge.tsx';
import { Time } from '../../parts/time.tsx';
import { Panel } from './panel.tsx';

/** How much of this minute's quota is used; nothing where there is no limit. */
export function Quota({ everyMs }: { everyMs: number }): JSX.Element | null {
  const { data } = useRead('/v1/quota', { everyMs });
  if (!data || data.limit === null) return null;
  const { limit, used, resets_at: resetsAt } = data;
  const isSpent = used >= limit;
  return (
    <Panel
      title="Quota"
      badge={
        isSpent && (
          <Badge tone="bad" icon="stop">
            spent
          </Badge>
        )
      }
    >
      <Text size="sm">
        At most {limit.toLocaleString('en')} events may be published in a minute; what is more is
        answered with 429. The next minute begins <Time at={resetsAt} isExact />.
      </Text>
      <ProgressBar
        label="Events published in this minute"
        words={`${used.toLocaleString('en')} of ${limit.toLocaleString('en')} in this minute`}
        max={limit}
        sections={[{ color: isSpent ? 'red' : 'blue', value: used }]}
      />
    </Panel>
  );
}
