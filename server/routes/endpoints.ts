import type { Knex } from 'knex';
import { z } from 'zod';
import { makeId } from '../../src/runtime/ids.ts';
import { recordAudit } from '../../src/store/audit-log.ts';
import { findEndpointHealth, listEndpointActivity } from '../../src/store/endpoint-health.ts';
import { countWaiting } from '../../src/store/endpoint-resumes.ts';
import {
  findEndpoint,
  listEndpoints,
  lockEndpoint,
  recordEndpoint,
  setEndpoint,
  setEndpointDeleted,
} from '../../src/store/endpoints.ts';
import type { EndpointRow } from '../../src/store/delivery-tables.ts';
import { findFailing, listFailing } from '../../src/store/failing-endpoints.ts';
import { countInOutage } from '../../src/store/outages.ts';
import { setParkedCancelled } from '../../src/store/parked-deliveries.ts';
import { auditEntry } from '../audit.ts';
import { addMistake, route } from '../route.ts';
import type { MountableRoute } from '../route.ts';
import { found, pageOf, pageQuery, toPage } from './answers.ts';
import {
  endpointSchema,
  endpointStateSchema,
  healthyEndpointSchema,
  listedEndpointSchema,
  toEndpoint,
  toHealth,
  toListedEndpoint,
} from './endpoint-answer.ts';
import type { RefuseUrl } from './endpoint-answer.ts';
import type { Failing } from './endpoint-health-answer.ts';
import type { PlatformSettings } from './endpoint-setting-answer.ts';
import {
  refuseContradictions,
  settingsShape,
  toAuditDetail,
  toColumns,
} from './endpoint-settings.ts';
import type { SettingParts } from './endpoint-settings.ts';
import { urlSchema } from './endpoint-url.ts';
import { eventTypeMistakes } from './event-types.ts';

const createdSchema = endpointSchema
  .extend({ secret: z.string().meta({ description: 'Shown this once' }) })
  .meta({ id: 'CreatedEndpoint', description: 'An endpoint with its first secret.' });

const eventTypesSchema = z
  .array(z.string().min(1).max(200))
  .min(1, 'Name at least one')
  .max(100)
  .check((payload) => {
    if (payload.issues.length > 0) return;
    for (const mistake of eventTypeMistakes(payload.value)) addMistake(payload, mistake);
  });

/** Of either body every mistake is told at once. */
const newEndpointSchema = (refuseUrl: RefuseUrl) =>
  z.strictObject({
    url: urlSchema(refuseUrl, 'url-refused'),
    event_types: eventTypesSchema,
    ...settingsShape(refuseUrl),
  });

const changeSchema = (refuseUrl: RefuseUrl) =>
  z.strictObject({
    url: urlSchema(refuseUrl, 'url-refused').optional(),
    event_types: eventTypesSchema.optional(),
    ...settingsShape(refuseUrl),
  });

export interface EndpointParts extends SettingParts, PlatformSettings {
  readonly db: Knex;
  readonly makeEndpointSecret: () => string;
}

export function endpointRoutes(parts: EndpointParts): MountableRoute[] {
  return [
    createRoute(parts),
    changeRoute(parts),
    listRoute(parts),
    readRoute(parts),
    deleteRoute(parts.db),
  ];
}

function createRoute(parts: EndpointParts): MountableRoute {
  const { db, sealer, refuseUrl, makeEndpointSecret } = parts;
  return route({
    method: 'post',
    path: '/v1/endpoints',
    summary: 'Make an endpoint; its secret is shown this once',
    body: newEndpointSchema(refuseUrl),
    answer: createdSchema,
    status: 201,
    handle: async (call) => {
      const { url, event_types } = call.body;
      const id = makeId('ep');
      const set = { url, event_types, ...toColumns(sealer, id, call.body) };
      refuseContradictions(set, call.body, parts.timeoutMs);
      const secret = makeEndpointSecret();
      const secretId = makeId('sec');
      const row = await db.transaction(async (tx) => {
        const detail = toAuditDetail(call.body);
        await recordAudit(tx, auditEntry(call, { action: 'endpoint.create', subject: id, detail }));
        return recordEndpoint(
          tx,
          { id, tenant_id: call.tenantId, ...set },
          { id: secretId, sealed: sealer.seal(secretId, secret) },
        );
      });
      return { ...toEndpoint(row, parts), secret };
    },
    head: ({ id }) => ({ status: 201, location: `/v1/endpoints/${id}` }),
  });
}

function changeRoute(parts: EndpointParts): MountableRoute {
  const { db, sealer, refuseUrl } = parts;
  return route({
    method: 'patch',
    path: '/v1/endpoints/{id}',
    summary: 'Change an endpoint; attempts that are still to come use the new values',
    body: changeSchema(refuseUrl),
    answer: endpointSchema,
    handle: async (call) => {
      const { id, tenantId, body } = call;
      const change = { ...addressOf(body), ...toColumns(sealer, id, body) };
      const row = await db.transaction(async (tx) => {
        const before = found(await lockEndpoint(tx, id, tenantId), 'endpoint', id);
        if (Object.keys(change).length === 0) return before;
        refuseContradictions({ ...before, ...change }, body, parts.timeoutMs);
        const entry = { action: 'endpoint.change', subject: id, detail: toAuditDetail(body) };
        await recordAudit(tx, auditEntry(call, entry));
        return found(await setEndpoint(tx, { id, tenantId }, change), 'endpoint', id);
      });
      return toEndpoint(row, parts, (await countWaiting(db, [id])).get(id));
    },
  });
}

/** Only what was given: knex refuses undefined. */
function addressOf({
  url,
  event_types,
}: z.output<ReturnType<typeof changeSchema>>): Partial<Pick<EndpointRow, 'url' | 'event_types'>> {
  return {
    ...(url !== undefined && { url }),
    ...(event_types !== undefined && { event_types }),
  };
}

function listRoute(parts: EndpointParts): MountableRoute {
  const { db } = parts;
  return route({
    method: 'get',
    path: '/v1/endpoints',
    summary: 'List endpoints with what they hold back and what came of them lately',
    query: z.strictObject({
      ...pageQuery,
      state: endpointStateSchema.optional(),
      text: z
        .string()
        .min(1)
        .max(200)
        .optional()
        .meta({ description: 'Anywhere in URL, description or id, in any case' }),
      health: z.literal('failing').optional().meta({ description: 'Those of stage 1 and above' }),
    }),
    answer: pageOf(listedEndpointSchema),
    handle: async ({ tenantId, query: { limit, cursor, health, ...filter } }) => {
      const { data, next_cursor } = await toPage(
        { limit, cursor },
        (page) =>
          listEndpoints(db, tenantId, {
            filter: { ...filter, isFailing: health === 'failing' },
            page,
          }),
        (row) => row,
      );
      const ids = data.map(({ id }) => id);
      const activity = await listEndpointActivity(db, ids);
      const waiting = await countWaiting(db, ids);
      const failing = await listFailing(db, ids);
      const shown = data.map((row) => {
        const { id } = row;
        const endpoint = toEndpoint(row, parts, waiting.get(id));
        return toListedEndpoint(endpoint, activity.get(id), failing.get(id));
      });
      return { data: shown, next_cursor };
    },
  });
}

function readRoute(parts: EndpointParts): MountableRoute {
  const { db } = parts;
  return route({
    method: 'get',
    path: '/v1/endpoints/{id}',
    summary: 'Read an endpoint and how it does',
    answer: healthyEndpointSchema,
    handle: async ({ tenantId, id }) => {
      const row = found(await findEndpoint(db, id, tenantId), 'endpoint', id);
      const health = await findEndpointHealth(db, id, tenantId);
      const failing = await failingOf(parts, row);
      const waiting = (await countWaiting(db, [id])).get(id);
      return { ...toEndpoint(row, parts, waiting), health: toHealth(health, failing) };
    },
  });
}

async function failingOf(
  { db, timeoutMs }: EndpointParts,
  { id, timeout_ms }: EndpointRow,
): Promise<Failing> {
  const row = await findFailing(db, id);
  const parked = row ? await countInOutage(db, id) : 0;
  return { row, parked, deadlineMs: timeout_ms ?? timeoutMs };
}

function deleteRoute(db: Knex): MountableRoute {
  return route({
    method: 'delete',
    path: '/v1/endpoints/{id}',
    summary:
      'Delete an endpoint; its deliveries stay readable, those it held back end as cancelled',
    answer: z.void(),
    status: 204,
    handle: async (call) => {
      const { id, tenantId } = call;
      await db.transaction(async (tx) => {
        const isDeleted = await setEndpointDeleted(tx, id, tenantId);
        found(isDeleted ? id : undefined, 'endpoint', id);
        const entry = { action: 'endpoint.delete', subject: id, detail: {} };
        await recordAudit(tx, auditEntry(call, entry));
      });
      await setParkedCancelled(db, id);
    },
  });
}
