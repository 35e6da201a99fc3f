import type { TriggerScope } from '../../src/domain/trigger.ts';

/** What expressions see of a push with this body. */
export function scopeWith(body: unknown): TriggerScope {
  return {
    event: {
      id: 'evt_1',
      source: 'github',
      type: 'push',
      tenant_id: 'ten_1',
      received_at: '2026-06-01T12:00:00.500Z',
      attempt: 1,
      replay: false,
    },
    body,
    headers: { 'x-github-event': 'push' },
    query: { dry: '1' },
  };
}
