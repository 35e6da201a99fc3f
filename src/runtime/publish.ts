import { Problem } from '../domain/problem.ts';
import type { DedupeSpace, Event } from '../domain/event.ts';
import type { Knex } from 'knex';
import { listSubscribed } from '../store/endpoints.ts';
import { makeGroupCommit } from '../store/group-commit.ts';
import { checkEventData } from '../domain/catalog.ts';
import { instantOf } from '../domain/id.ts';
import { matchEndpoints } from './endpoint-matching.ts';
import { makeId } from './ids.ts';
import type { Recorder } from './recorder.ts';
import type { Starter } from './starter.ts';
import type { TriggerWatch } from './trigger-watch.ts';

export interface Publication {
  readonly tenantId: string;
  readonly type: string;
  readonly data: unknown;
  /** The emitter's own: published twice under one key, it is one event. */
  readonly key?: string;
  /** Whose the key is; absent = the platform's own. */
  readonly keySpace?: DedupeSpace;
  /** W3C trace context, handed on to consumers. */
  readonly traceparent?: string | null;
  /** The event's own id, where its emitter wrote it down before; absent = a new one. */
  readonly id?: string;
  /** How many events stand between it and the first of its chain; absent = it is the first. */
  readonly depth?: number;
  /** The endpoint that it is about, which is not told of itself. */
  readonly exceptEndpointId?: string | undefined;
}

export interface Published {
  /** Of a duplicate: the first one's. */
  readonly eventId: string;
  readonly status: 'accepted' | 'duplicate';
  /** How many endpoints it is sent to, now or when they are no longer paused; of a duplicate none. */
  readonly deliveries: number;
  /** How many asked for its type and do not get it, which is recorded; of a duplicate none. */
  readonly skipped: number;
}

/** Publishes outbound events: what the API is given, and the platform's own. */
export type Publish = (publication: Publication) => Promise<Published>;

export interface PublishParts {
  readonly db: Knex;
  readonly recorder: Recorder;
  readonly starter: Starter;
  readonly triggers: Pick<TriggerWatch, 'plan'>;
}

/**
 * Check an event against the catalog, commit it with one delivery per endpoint that asked for its
 * type and the runs of the triggers that it matches, and start those.
 *
 * The body that consumers get is made here once, so that every attempt sends the same bytes.
 *
 * @throws Problem `unknown-event-type` or `invalid-request` with the fields to change
 */
export function makePublish({ db, recorder, starter, triggers }: PublishParts): Publish {
  // Read anew for each event, but once for all that come while the query before is under way.
  const findSubscribed = makeGroupCommit(listSubscribed.bind(null, db));
  return async (publication) => {
    const { tenantId, type, data, key, keySpace, traceparent = null } = publication;
    const { id = makeId('evt'), depth = 0, exceptEndpointId } = publication;
    const parsed = checkEventData(type, data);
    if (!parsed.isValid) throw new Problem(parsed.code, parsed.detail, parsed.errors);
    const endpoints = await findSubscribed(tenantId);
    const receivedAt = instantOf(id) ?? new Date();
    const event: Event = {
      id,
      tenantId,
      direction: 'outbound',
      source: 'platform',
      type,
      integrationId: null,
      dedupeId: key ?? null,
      dedupeSpace: keySpace ?? 'emit',
      receivedAt,
      contentType: 'application/json',
      headers: {},
      query: '',
      body: Buffer.from(JSON.stringify({ type, timestamp: receivedAt.toISOString(), data, id })),
      traceparent,
      depth,
    };
    const others = endpoints.filter((endpoint) => endpoint.id !== exceptEndpointId);
    const goesTo = matchEndpoints(event, others);
    const committed = await recorder.recordOutbound(event, goesTo, triggers.plan(event, null));
    void starter.start(committed);
    const { eventId, kind } = committed.outcome;
    const { skipped } = committed;
    const deliveries = kind === 'duplicate' ? 0 : goesTo.length - skipped;
    return { eventId, status: kind, deliveries, skipped };
  };
}
