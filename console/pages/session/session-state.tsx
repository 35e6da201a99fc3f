import type { JSX } from 'react';
import { Badge, StateBadge } from '../../parts/state-badge.tsx';
import { visibleLine } from '../../parts/visible-text.ts';
import type { Session } from './session-words.ts';

/** Where a session is in its life, and that it came to no result, where the agent refused it. */
export function SessionState({ session: { state, failure } }: { session: Session }): JSX.Element {
  return (
    <>
      <StateBadge state={state} />{' '}
      {failure !== null && (
        <Badge tone="bad" icon="close" title={visibleLine(failure)}>
          no result
        </Badge>
      )}
    </>
  );
}
