import { makeId } from '../../src/runtime/ids.ts';
import type { SessionOpening } from '../../src/store/sessions.ts';

/** What opens a session of the tenant `ten_1` that the API asked for. */
export function sessionOpening(over: Partial<SessionOpening> = {}): SessionOpening {
  const created_at = new Date();
  return {
    id: makeId('ses', created_at),
    tenant_id: 'ten_1',
    name: 'code-review',
    key: null,
    user_id: 'lwei',
    opener: null,
    event_id: null,
    input: { pr: 1 },
    created_at,
    ...over,
  };
}
