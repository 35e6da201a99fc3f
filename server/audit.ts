import { makeId } from '../src/runtime/ids.ts';
import type { recordAudit } from '../src/store/audit-log.ts';
import type { Call } from './route.ts';

type AuditEntry = Parameters<typeof recordAudit>[1];

/** The audit log's entry for what a call does; to be written in the transaction that does it. */
export function auditEntry(
  { tenantId: tenant_id, actor }: Pick<Call<unknown, unknown>, 'tenantId' | 'actor'>,
  what: Pick<AuditEntry, 'action' | 'subject' | 'detail'>,
): AuditEntry {
  const at = new Date();
  return { id: makeId('aud', at), tenant_id, actor, at, ...what };
}
