import type { Knex } from 'knex';
import type { Integration, Received } from '../src/domain/channel.ts';
import { channelNames } from '../src/domain/channel.ts';
import type { Event } from '../src/domain/event.ts';
import { Problem } from '../src/domain/problem.ts';
import type { PlannedRun } from '../src/domain/trigger.ts';
import { openIntegration } from '../src/runtime/inbound.ts';
import { committed, toInboundRecording } from '../src/runtime/recorder.ts';
import type { Committed } from '../src/runtime/recorder.ts';
import { openOriginal } from '../src/runtime/rejected-requests.ts';
import type { Sealer } from '../src/runtime/sealing.ts';
import type { Starter } from '../src/runtime/starter.ts';
import { recordAudit } from '../src/store/audit-log.ts';
import { dedupeHours, findAcceptedSince } from '../src/store/dedupe-keys.ts';
import { recordEvents } from '../src/store/events.ts';
import {
  claimRejectedRequest,
  setRejectedRequestReleased,
} from '../src/store/rejected-requests.ts';
import type { RejectedRequestRow } from '../src/store/tables.ts';
import { auditEntry } from './audit.ts';
import { channels } from './channels/index.ts';
import { makeInboundEvent } from './inbound-event.ts';

/** What came of a release. */
export interface Released {
  readonly eventId: string;
  /** `duplicate`: its delivery id was accepted before, or this request was released before. */
  readonly status: 'accepted' | 'duplicate';
}

export interface ReleaseOptions {
  readonly tenantId: string;
  /** Who releases it, for the audit log. */
  readonly actor: string;
  /** Take it although its timestamp is too old by now. */
  readonly isTimeIgnored: boolean;
}

/**
 * Verify a kept request again, with today's secrets and settings, and accept it.
 *
 * It becomes an event once, however often and from wherever this is called.
 *
 * @throws Problem `not-found`, `not-releasable`, or `still-rejected` with the reason of today
 */
export type Release = (id: string, options: ReleaseOptions) => Promise<Released>;

export interface ReleaseParts {
  readonly db: Knex;
  readonly sealer: Sealer;
  readonly starter: Pick<Starter, 'start'>;
  readonly plan: (event: Event, triggerId: string | null) => readonly PlannedRun[];
  /** Note which secrets have verified a request. */
  readonly countUse: (secretIds: readonly string[], now: Date) => void;
  readonly now: () => Date;
  readonly toleranceS: number;
}

export function makeRelease(parts: ReleaseParts): Release {
  return async (id, options) => {
    const { work, secretIds, now } = await parts.db.transaction(async (tx) => {
      const row = await claimRejectedRequest(tx, id, options.tenantId);
      if (!row) throw new Problem('not-found', `No rejected request has the id "${id}"`);
      const now = parts.now();
      if (row.event_id !== null) return { work: duplicateOf(row.event_id), secretIds: [], now };
      const accepted = await acceptAgain(tx, row, { ...parts, ...options, now });
      const { eventId, kind: status } = accepted.work.outcome;
      await setRejectedRequestReleased(tx, id, { eventId, at: now });
      const detail = { event_id: eventId, status, ignore_time: options.isTimeIgnored };
      const what = { action: 'rejected_request.release', subject: id, detail };
      await recordAudit(tx, auditEntry(options, what));
      return { ...accepted, now };
    });
    parts.countUse(secretIds, now);
    void parts.starter.start(work);
    return { eventId: work.outcome.eventId, status: work.outcome.kind };
  };
}

/** What a release came to, and which secrets verified the request. */
interface AcceptedAgain {
  readonly work: Committed;
  readonly secretIds: readonly string[];
}

function duplicateOf(eventId: string): Committed {
  return { outcome: { kind: 'duplicate', eventId }, runs: [], deliveries: [] };
}

interface Attempted extends Omit<ReleaseParts, 'now'>, ReleaseOptions {
  readonly now: Date;
}

async function acceptAgain(
  tx: Knex,
  row: RejectedRequestRow,
  { sealer, plan, isTimeIgnored, toleranceS, now }: Attempted,
): Promise<AcceptedAgain> {
  const { request, channel, integration } = await reopen(tx, row, sealer);
  const judge = isTimeIgnored ? withoutTime(integration) : integration;
  const received = verified(channel.receive(request, judge, { now, toleranceS }));
  const { secretIds } = received;
  const { secretParameters = [] } = channel;
  const event = makeInboundEvent(received, { request, integration, now }, secretParameters);
  const earlier = await findEarlier(tx, event, row.received_at);
  if (earlier !== undefined) return { work: duplicateOf(earlier), secretIds };
  const recording = toInboundRecording(event, plan(event, integration.triggerId));
  const [outcome] = await recordEvents(tx, [recording]);
  if (!outcome) throw new Error(`Event "${event.id}" was not recorded`);
  return { work: committed(recording, outcome), secretIds };
}

/**
 * The event that would have made this request a duplicate, or was made of a later one with its id.
 *
 * A request is kept for longer than an id is remembered: counted from now, a redelivery that was
 * accepted days ago would be forgotten.
 */
async function findEarlier(
  tx: Knex,
  { integrationId, dedupeId }: Event,
  receivedAt: Date,
): Promise<string | undefined> {
  if (integrationId === null || dedupeId === null) return undefined;
  const since = new Date(receivedAt.getTime() - dedupeHours * 3_600_000);
  return findAcceptedSince(tx, { owner: integrationId, dedupe_id: dedupeId }, since);
}

async function reopen(tx: Knex, row: RejectedRequestRow, sealer: Sealer) {
  const request = openOriginal(sealer, row);
  if (!request) {
    const detail = `The request has ${row.body_bytes} bytes and was too large to be kept whole: have the sender send it again`;
    throw new Problem('not-releasable', detail);
  }
  const name = channelNames.find((known) => known === row.channel);
  const channel = name && channels.get(name);
  const address = row.trigger_id ?? row.integration_id;
  const integration = name && (await openIntegration({ db: tx, sealer }, name, address));
  if (channel && integration) return { request, channel, integration };
  throw new Problem(
    'not-releasable',
    `Enable the integration "${row.integration_id}" first, and its trigger if it came to one`,
  );
}

/** A tolerance that no timestamp exceeds. */
function withoutTime(integration: Integration): Integration {
  return { ...integration, toleranceS: Number.MAX_SAFE_INTEGER };
}

function verified(received: Received): Extract<Received, { kind: 'event' }> {
  if (received.kind === 'event') return received;
  if (received.kind === 'handshake') {
    throw new Problem('not-releasable', 'It verifies, but only asks for a proof of the address');
  }
  throw new Problem('still-rejected', `${received.reason}: ${received.detail}`);
}
