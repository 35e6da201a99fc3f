import type { Knex } from 'knex';
import type { ChannelName, Integration } from '../domain/channel.ts';
import type { Event } from '../domain/event.ts';
import type { PlannedRun } from '../domain/trigger.ts';
import { findFirstIntegration, findIntegration } from '../store/integrations.ts';
import type { IntegrationWithSecrets } from '../store/integrations.ts';
import { defaultTenantName, findTenantByName } from '../store/tenants.ts';
import { findTrigger } from '../store/triggers.ts';
import type { Recorder } from './recorder.ts';
import type { Sealer } from './sealing.ts';
import type { Starter } from './starter.ts';

/**
 * Find the integration behind an ingress address, secrets opened.
 *
 * Without an id it is the first one of the tenant `default`. `generic` takes a trigger's id: the
 * integration is that of the trigger's tenant, and only that trigger may fire.
 */
export async function openIntegration(
  { db, sealer }: { db: Knex; sealer: Sealer },
  channel: ChannelName,
  id: string | undefined,
): Promise<Integration | undefined> {
  const triggerId = channel === 'generic' && id?.startsWith('trg_') === true ? id : undefined;
  const found = await findByAddress(db, channel, triggerId ?? id);
  if (found?.integration.state !== 'enabled') return undefined;
  const { integration, secrets } = found;
  return {
    id: integration.id,
    tenantId: integration.tenant_id,
    channel,
    mode: integration.mode,
    scheme: integration.scheme,
    username: integration.username,
    receiveId: integration.receive_id,
    toleranceS: integration.tolerance_s,
    dedupe: integration.dedupe,
    triggerId: triggerId ?? null,
    secrets: secrets.map((row) => ({
      id: row.id,
      kind: row.kind,
      value: sealer.open(row.id, row.sealed),
      expiresAt: row.expires_at,
    })),
  };
}

async function findByAddress(
  db: Knex,
  channel: ChannelName,
  id: string | undefined,
): Promise<IntegrationWithSecrets | undefined> {
  if (id === undefined) {
    const tenant = await findTenantByName(db, defaultTenantName);
    return tenant && findFirstIntegration(db, channel, tenant.id);
  }
  if (!id.startsWith('trg_')) return findIntegration(db, channel, id);
  const trigger = await findTrigger(db, id);
  return trigger && findFirstIntegration(db, channel, trigger.tenant_id);
}

export interface AcceptParts {
  readonly recorder: Recorder;
  readonly starter: Starter;
  /** Which triggers fire for an event; only `triggerId` may when it is set. */
  readonly plan: (event: Event, triggerId: string | null) => readonly PlannedRun[];
}

/** What an accepted event answers: its id, and a call that starts what was planned. */
export interface Accepted {
  readonly kind: 'accepted' | 'duplicate';
  readonly eventId: string;
  /** To be called after the answer; not awaited, repeated by the sweeper should it fail. */
  readonly start: () => void;
}

/** Commit an event with the runs of the triggers that match. Returns when it is on disk. */
export async function acceptEvent(
  { recorder, starter, plan }: AcceptParts,
  event: Event,
  triggerId: string | null,
): Promise<Accepted> {
  const committed = await recorder.recordInbound(event, plan(event, triggerId));
  const { kind, eventId } = committed.outcome;
  return { kind, eventId, start: () => void starter.start(committed) };
}
