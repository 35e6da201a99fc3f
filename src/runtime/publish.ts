import { Problem } from '../domain/problem.ts';
import type { Event } from '../domain/event.ts';
import type { Knex } from 'knex';
import { listSubscribed } from '../store/endpoints.ts';
import { checkEventData } from '../domain/catalog.ts';
import { subscribes } from '../domain/endpoint.ts';
import { makeId } from './ids.ts';
import type { Recorder } from './recorder.ts';
import type { Starter } from './starter.ts';

export interface Publication {
  readonly tenantId: string;
  readonly type: string;
  readonly data: unknown;
  /** The emitter's own: published twice under one key, it is one event. */
  readonly key?: string;
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
}

/**
 * Check an event against the catalog, commit it with one delivery per endpoint that asked for its
 * type, and start those.
 *
 * The body that consumers get is made here once, so that every attempt sends the same bytes.
 *
 * @throws Problem `unknown-event-type` or `invalid-request` with the fields to change
 */
export function makePublish({ db, recorder, starter }: PublishParts): Publish {
  return async ({ tenantId, type, data, key }) => {
    const parsed = checkEventData(type, data);
    if (!parsed.isValid) throw new Problem(parsed.code, parsed.detail, parsed.errors);
    const endpoints = await listSubscribed(db, tenantId);
    const receivedAt = new Date();
    const id = makeId('evt', receivedAt);
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
    };
    const goesTo = endpoints.filter((endpoint) => subscribes(endpoint.event_types, type));
    const committed = await recorder.recordOutbound(event, goesTo, key ?? null);
    void starter.start(committed);
    return { eventId: committed.outcome.eventId, deliveries: goesTo.length };
  };
}
