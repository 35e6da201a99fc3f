import { Problem } from '../domain/problem.ts';
import type { Event } from '../domain/event.ts';
import type { Knex } from 'knex';
import { listSubscribed } from '../store/endpoints.ts';
import { makeGroupCommit } from '../store/group-commit.ts';
import { checkEventData } from '../domain/catalog.ts';
import { subscribes } from '../domain/endpoint.ts';
import { instantOf } from '../domain/id.ts';
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
  /** The event's own id, where its emitter wrote it down before; absent = a new one. */
  readonly id?: string;
  /** How many events stand between it and the first of its chain; absent = it is the first. */
  readonly depth?: number;
}

export interface Published {
  readonly eventId: string;
  /** How many endpoints it goes to. */
  readonly deliveries: number;
}

/** Publishes the platform's own events. */
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
  return async ({ tenantId, type, data, key, id = makeId('evt'), depth = 0 }) => {
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
      receivedAt,
      contentType: 'application/json',
      headers: {},
      query: '',
      body: Buffer.from(JSON.stringify({ type, timestamp: receivedAt.toISOString(), data, id })),
      traceparent: null,
      depth,
    };
    const goesTo = endpoints
      .filter((endpoint) => subscribes(endpoint.event_types, type))
      .map((endpoint) => ({ endpoint, orderKey: null, failure: null }));
    const committed = await recorder.recordOutbound(event, goesTo, triggers.plan(event, null));
    void starter.start(committed);
    return { eventId: committed.outcome.eventId, deliveries: goesTo.length };
  };
}
