import type { Knex } from 'knex';
import { findAcceptedSince } from '../../src/store/dedupe-keys.ts';
import { findEvent, findEventHead } from '../../src/store/events.ts';
import type { EventHead } from '../../src/store/events.ts';
import { findIntegrationOf } from '../../src/store/integrations.ts';
import type { EventRow, IntegrationRow } from '../../src/store/tables.ts';
import {
  listAttemptsOf,
  listDeliveriesOf,
  listEmittedEvents,
  listEndpointsWithout,
  listEndpointUrls,
} from '../../src/store/timeline.ts';
import type { EmittedEvent } from '../../src/store/timeline.ts';
import { findTriggerRun, listTriggerRuns } from '../../src/store/trigger-runs.ts';
import { listTriggers } from '../../src/store/triggers.ts';
import { route } from '../route.ts';
import type { MountableRoute } from '../route.ts';
import { found } from './answers.ts';
import { endpointsMax, judgeEndpoints } from './event-endpoints.ts';
import { judgeTriggers } from './event-judgements.ts';
import { stepsOf } from './event-steps.ts';
import { timelineSchema, toDelivery, toRun } from './timeline-answer.ts';
import type { Timeline } from './timeline-answer.ts';

/** More than a person looks at; what is beyond is in the lists. */
const rowsMax = 100;

/** Emitted by one run, and attempts of one delivery: four cycles of five. */
const eachMax = 20;

export function timelineRoute(db: Knex): MountableRoute {
  return route({
    method: 'get',
    path: '/v1/events/{id}/explain',
    summary: 'Explain an event: what happened, why, and what happens next',
    answer: timelineSchema,
    handle: async ({ tenantId, id }) =>
      explain(db, found(await findEventHead(db, id, tenantId), 'event', id)),
  });
}

async function explain(db: Knex, event: EventHead): Promise<Timeline> {
  const { tenant_id: tenantId } = event;
  const filter = { eventId: event.id };
  const runs = await listTriggerRuns(db, tenantId, { filter, page: { limit: rowsMax + 1 } });
  const shown = runs.slice(0, rowsMax).toReversed(); // Oldest first, as everything here.
  const runIds = shown.map((run) => run.id);
  const emitted = await listEmittedEvents(db, tenantId, { runIds, eachMax });
  const { deliveries, isCut } = await readDeliveries(db, event, emitted);
  const { triggers, isCut: isJudgementCut, notSentTo } = await readJudgements(db, event, shown);
  const facts = {
    event: toFacts(event),
    verification: await verificationOf(db, event),
    caused_by: await causeOf(db, event),
    triggers,
    runs: shown.map((run) => toRun(run, emitted)),
    emitted_events: emitted.map(toEmitted),
    deliveries,
    not_sent_to: notSentTo,
  };
  return {
    ...facts,
    steps: stepsOf(facts),
    is_cut: isCut || isJudgementCut || runs.length > rowsMax,
  };
}

async function readDeliveries(
  db: Knex,
  event: EventHead,
  emitted: readonly EmittedEvent[],
): Promise<{ deliveries: Timeline['deliveries']; isCut: boolean }> {
  const { tenant_id: tenantId } = event;
  const own = event.direction === 'outbound' ? [event.id] : [];
  const eventIds = [...own, ...emitted.map(({ id }) => id)];
  const rows = await listDeliveriesOf(db, tenantId, { eventIds, limit: rowsMax + 1 });
  const shown = rows.slice(0, rowsMax);
  const ids = shown.map(({ endpoint_id: id }) => id);
  const [attempts, urls] = await Promise.all([
    listAttemptsOf(db, shown, eachMax + 1),
    listEndpointUrls(db, tenantId, ids),
  ]);
  const deliveries = shown.map((row) => {
    const own = attempts.filter(({ delivery_id: id }) => id === row.id);
    const url = urls.get(row.endpoint_id) ?? null;
    return toDelivery(row, { attempts: own.slice(-eachMax), url });
  });
  const isAttemptCut = attempts.length > deliveries.flatMap((each) => each.attempts).length;
  return { deliveries, isCut: rows.length > rowsMax || isAttemptCut };
}

/** What triggers and endpoints made of an event, whose body is read once at most. */
async function readJudgements(
  db: Knex,
  event: EventHead,
  runs: Parameters<typeof judgeTriggers>[1]['runs'],
): Promise<
  Awaited<ReturnType<typeof judgeTriggers>> & { readonly notSentTo: Timeline['not_sent_to'] }
> {
  const { id, tenant_id: tenantId } = event;
  let kept: Promise<EventRow> | undefined;
  const readEvent = (): Promise<EventRow> =>
    (kept ??= findEvent(db, id, tenantId).then((row) => found(row, 'event', id)));
  const readBody = async (): Promise<Buffer> => (await readEvent()).body;
  const triggers = await listTriggers(db, tenantId);
  const judged = await judgeTriggers(event, { runs, triggers, readBody });
  if (event.direction === 'inbound') return { ...judged, notSentTo: null };
  const endpoints = await listEndpointsWithout(db, event, endpointsMax + 1);
  return { ...judged, notSentTo: await judgeEndpoints(event, { endpoints, readEvent }) };
}

function toFacts(event: EventHead): Timeline['event'] {
  const { id, direction, source, type, integration_id, dedupe_id, traceparent } = event;
  return {
    id,
    direction,
    source,
    type,
    integration_id,
    dedupe_id,
    traceparent,
    received_at: event.received_at.toISOString(),
    content_type: event.content_type,
    body_bytes: event.body_bytes,
  };
}

/** What is recorded was verified: anything else is a rejected request. */
async function verificationOf(db: Knex, event: EventHead): Promise<Timeline['verification']> {
  const { integration_id: id, tenant_id: tenantId } = event;
  if (event.direction === 'outbound') return null;
  const row = id === null ? undefined : await findIntegrationOf(db, id, tenantId);
  const note = noteOf(event, row?.integration);
  return {
    channel: event.source,
    mode: row?.integration.mode ?? null,
    scheme: row?.integration.scheme ?? null,
    integration_id: id,
    verified: true,
    note,
  };
}

function noteOf({ dedupe_id: id }: EventHead, integration: IntegrationRow | undefined): string {
  const how = integration
    ? 'Verified when it came, before it was recorded; mode and scheme are those of today'
    : 'Verified when it came, before it was recorded; its integration was deleted since';
  return id === null
    ? `${how}. It has no delivery id: the same again is another event`
    : `${how}. The first with its delivery id within 72 hours`;
}

/** Emitters key their events by the id of their workflow; what has no key of theirs was published. */
async function causeOf(db: Knex, event: EventHead): Promise<Timeline['caused_by']> {
  if (event.direction === 'inbound') return null;
  // Without an id, or under the claim of an Idempotency-Key, or under the tenant's own id.
  if (event.dedupe_id === null || event.dedupe_id.startsWith('idk_')) return 'api';
  const own = { owner: `own:${event.tenant_id}`, dedupe_id: event.dedupe_id };
  if ((await findAcceptedSince(db, own, new Date(0))) === event.id) return 'api';
  const [runId] = /^run_[0-9a-f]{32}(?=[/-])/.exec(event.dedupe_id) ?? [];
  const run = runId === undefined ? undefined : await findTriggerRun(db, runId);
  if (run?.tenant_id !== event.tenant_id) return null;
  return { run_id: run.id, trigger: run.trigger, event_id: run.event_id };
}

function toEmitted(event: EmittedEvent): Timeline['emitted_events'][number] {
  return {
    event_id: event.id,
    type: event.type,
    run_id: event.run_id,
    received_at: event.received_at.toISOString(),
  };
}
