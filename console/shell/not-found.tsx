import type { JSX } from 'react';
import { AppLink } from '../parts/app-link.tsx';
import { EmptyState } from '../parts/empty-state.tsx';
import { PageHeader } from '../parts/page-header.tsx';

/** An address that has no page. */
export function NotFound(): JSX.Element {
  return (
    <>
      <PageHeader title="There is no such page" />
      <EmptyState title="The address may be old, or mistyped">
        Go to the <AppLink to="/">overview</AppLink> or the <AppLink to="/events">events</AppLink>,
        or press Ctrl K (⌘ K) and paste an id.
      </EmptyState>
    </>
  );
}
