import { section } from '../page.ts';
import type { PageDefinition } from '../page.ts';

const top = section(null, '');
const webhooks = section('Integrations › Webhooks', '/integrations/webhooks');
const settings = section('Settings', '/settings');

/** Every page, in the order of the navigation. */
export const pages: readonly PageDefinition[] = [
  top('/', 'Overview', () => import('./overview/page.tsx')),
  top('/events', 'Events', () => import('./events/page.tsx')),
  top('/events/$id', 'Event', () => import('./event/page.tsx')),
  top('/deliveries', 'Deliveries', () => import('./deliveries/page.tsx')),
  top('/deliveries/$id', 'Delivery', () => import('./delivery/page.tsx')),
  top('/dead-letters', 'Dead letters', () => import('./dead-letters/page.tsx')),
  webhooks('/channels', 'Channels', () => import('./channels/page.tsx')),
  webhooks('/channels/$id', 'Channel', () => import('./channel/page.tsx')),
  webhooks('/endpoints', 'Endpoints', () => import('./endpoints/page.tsx')),
  webhooks('/endpoints/$id', 'Endpoint', () => import('./endpoint/page.tsx')),
  webhooks('/event-types', 'Event catalog', () => import('./event-types/page.tsx')),
  webhooks('/replays', 'Historical replay', () => import('./replays/page.tsx')),
  webhooks('/replays/$id', 'Replay', () => import('./replay/page.tsx')),
  top('/rejected-requests', 'Rejected requests', () => import('./rejected-requests/page.tsx')),
  top('/rejected-requests/$id', 'Rejected request', () => import('./rejected-request/page.tsx')),
  top('/triggers', 'Triggers', () => import('./triggers/page.tsx')),
  top('/triggers/new', 'New trigger', () => import('./trigger-editor/page.tsx')),
  top('/triggers/$id', 'Trigger', () => import('./trigger/page.tsx')),
  top('/triggers/$id/edit', 'Edit a trigger', () => import('./trigger-editor/page.tsx')),
  top('/trigger-runs', 'Trigger runs', () => import('./trigger-runs/page.tsx')),
  top('/trigger-runs/$id', 'Trigger run', () => import('./trigger-run/page.tsx')),
  top('/sessions', 'Sessions', () => import('./sessions/page.tsx')),
  top('/sessions/$id', 'Session', () => import('./session/page.tsx')),
  top('/imports', 'Imports', () => import('./imports/page.tsx')),
  top('/imports/$id', 'Import', () => import('./import/page.tsx')),
  top('/budgets', 'Budgets', () => import('./budgets/page.tsx')),
  settings('/api-keys', 'API keys', () => import('./api-keys/page.tsx')),
  settings('/system', 'System', () => import('./system/page.tsx')),
  settings('/audit-log', 'Audit log', () => import('./audit-log/page.tsx')),
];

/** Short addresses that other tools link to. */
export const redirects: readonly { readonly from: string; readonly to: string }[] = [
  { from: '/replays/$id', to: '/integrations/webhooks/replays/$id' },
  { from: '/endpoints/$id', to: '/integrations/webhooks/endpoints/$id' },
];
