import type { JSX } from 'react';
import { AppLink } from '../../parts/app-link.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';

/** No rows: because nothing died, or because of the filters. */
export function NoDeadLetters({ isFiltered }: { isFiltered: boolean }): JSX.Element {
  if (isFiltered) {
    return <EmptyState title="Nothing matches the filters">Take one away above.</EmptyState>;
  }
  return (
    <EmptyState title="No open dead letters">
      What fails with every attempt of its schedule is listed here, to be redriven or discarded.
      What waits for its next attempt is among the{' '}
      <AppLink to="/deliveries?state=retrying">retrying deliveries</AppLink>.
    </EmptyState>
  );
}
