import { Paper } from '@mantine/core';
import type { JSX } from 'react';
import { AppLink } from '../../parts/app-link.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';

/** For who has just started it: how a first event comes. */
export function FirstSteps(): JSX.Element {
  return (
    <Paper withBorder>
      <EmptyState title="No event yet" command="npx durahook send github pull_request">
        See where providers post to under{' '}
        <AppLink to="/integrations/webhooks/channels">Channels</AppLink>, and who receives what the
        platform publishes under <AppLink to="/integrations/webhooks/endpoints">Endpoints</AppLink>.
        Or send a signed sample now; it shows here within seconds:
      </EmptyState>
    </Paper>
  );
}
