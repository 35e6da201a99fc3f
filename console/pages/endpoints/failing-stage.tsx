import type { JSX } from 'react';
import { Badge } from '../../parts/state-badge.tsx';

/** How badly an endpoint fails: nothing in stage 0. */
export function FailingStage({ stage }: { stage: number }): JSX.Element | null {
  if (stage === 0) return null;
  return (
    <Badge
      tone={stage === 1 ? 'warn' : 'bad'}
      icon="alert"
      title="1: 10 attempts failed in a row; 2: 50, or for an hour; 3: 250, or for a day"
    >
      {`failing, stage ${stage} of 3`}
    </Badge>
  );
}
