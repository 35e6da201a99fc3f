import type { Knex } from 'knex';
import { channelNames } from '../domain/channel.ts';
import type { ChannelName, Integration } from '../domain/channel.ts';
import type { Event } from '../domain/event.ts';
import type { PlannedRun } from '../domain/trigger.ts';
import {
  findIntegration,
  findIntegrationOfTenantNamed,
  findIntegrationOfTrigger,
} from '../store/integrations.ts';
import type { IntegrationWithSecrets } from '../store/integrations.ts';
import { defaultTenantName } from '../store/tenants.ts';
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
  const found = await findByAddress(db, channel, { id, triggerId });
  if (found?.integration.state !== 'enabled') return undefined;
  return { ...toIntegration(found, sealer), triggerId: triggerId ?? null };
}

/** One query, whatever is found: no time tells an address of nobody from a wrong signature. */
async function findByAddress(
  db: Knex,
  channel: ChannelName,
  { id, triggerId }: { readonly id: string | undefined; readonly triggerId: string | undefined },
): Promise<IntegrationWithSecrets | undefined> {
  if (triggerId !== undefined) return findIntegrationOfTrigger(db, channel, triggerId);
  if (id !== undefined) return findIntegration(db, channel, id);
  return findIntegrationOfTenantNamed(db, channel, defaultTenantName);
}

/** An integration as verification needs it, with all its secrets opened, ended ones too. */
export function toIntegration(
  { integration, secrets }: IntegrationWithSecrets,
  sealer: Sealer,
): Integration {
  const channel = channelNames.find((name) => name === integration.channel);
  if (!channel) throw new Error(`Integration "${integration.id}" has no channel that is known`);
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
    triggerId: null,
    secrets: secrets.map((row) => ({
      id: row.id,
      kind: row.kind,
      value: sealer.open(row.id, row.sealed),
      expiresAt: row.expires_at,
    })),
  };
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
