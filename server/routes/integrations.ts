import type { Knex } from 'knex';
import { z } from 'zod';
import type { Sealer } from '../../src/runtime/sealing.ts';
import { makeId } from '../../src/runtime/ids.ts';
import { makeIntegrationSecret } from '../../src/runtime/integration-secret.ts';
import { recordAudit } from '../../src/store/audit-log.ts';
import {
  deleteIntegration,
  findIntegrationOf,
  listIntegrations,
  recordIntegration,
  setIntegration,
} from '../../src/store/integrations.ts';
import type { IntegrationChange, IntegrationWithSecrets } from '../../src/store/integrations.ts';
import { isStillValid, schemes } from '../../src/domain/channel.ts';
import { auditEntry } from '../audit.ts';
import { route } from '../route.ts';
import type { Call, MountableRoute } from '../route.ts';
import { found, pageOf, pageQuery, toPage } from './answers.ts';
import {
  channelSchema,
  createdSecretSchema,
  integrationSchema,
  modeSchema,
  toIntegrationAnswer,
} from './integration-answer.ts';
import type { AnswerParts } from './integration-answer.ts';
import {
  kindsToMake,
  pickScheme,
  requireKinds,
  schemeOf,
  settleNames,
} from './integration-settings.ts';

const createdSchema = integrationSchema
  .extend({ secrets: z.array(createdSecretSchema) })
  .meta({ id: 'CreatedIntegration', description: 'An integration with its first secrets.' });

/** No control characters, and nothing that has no UTF-8 bytes. */
const plainText = z
  .string()
  .max(255)
  .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'Must not contain control characters');

const settings = {
  mode: modeSchema.optional(),
  scheme: z.string().max(100).nullable().optional(),
  username: plainText
    .min(1)
    .regex(/^[^:]*$/, 'Must not contain a colon')
    .nullable()
    .optional(),
  receive_id: plainText.nullable().optional(),
  tolerance_s: z.int().min(0).max(604_800).nullable().optional(),
  dedupe: z.enum(['hash']).nullable().optional(),
  description: z
    .string()
    .max(1000)
    .refine((text) => !text.includes('\0'), 'Must not contain U+0000')
    .nullable()
    .optional(),
};

/** Every kind of any channel; which of them fit is told by the scheme. */
const secretValues = Object.fromEntries(
  Object.values(schemes)
    .flat()
    .flatMap(({ kinds }) => kinds)
    .map((kind) => [kind, z.string().optional()] as const),
);

const newIntegrationSchema = z.strictObject({
  channel: channelSchema,
  ...settings,
  secrets: z
    .strictObject(secretValues)
    .default({})
    .meta({ description: 'Values by kind; what is not given is generated' }),
});

const changeSchema = z.strictObject({
  ...settings,
  state: z.enum(['enabled', 'disabled']).optional(),
});

export interface IntegrationParts extends AnswerParts {
  readonly db: Knex;
  readonly sealer: Sealer;
  /** Called after each change of an integration. */
  readonly onIntegrationChange: (id: string) => void;
}

export function integrationRoutes(parts: IntegrationParts): MountableRoute[] {
  return [createRoute(parts), changeRoute(parts), deleteRoute(parts), ...readRoutes(parts)];
}

function createRoute(parts: IntegrationParts): MountableRoute {
  return route({
    method: 'post',
    path: '/v1/integrations',
    summary: 'Make an integration; its secrets are shown this once',
    body: newIntegrationSchema,
    answer: createdSchema,
    status: 201,
    handle: async (call) => {
      const made = await create(parts, call);
      parts.onIntegrationChange(made.id);
      return made;
    },
    head: ({ id }) => ({ status: 201, location: `/v1/integrations/${id}` }),
  });
}

async function create(
  parts: IntegrationParts,
  call: Call<unknown, z.output<typeof newIntegrationSchema>>,
): Promise<z.input<typeof createdSchema>> {
  const { tenantId, body } = call;
  const { channel, tolerance_s = null, dedupe = null, description = null } = body;
  const scheme = pickScheme(channel, body);
  const names = settleNames(scheme, body);
  const given = givenValues(body.secrets);
  const made = kindsToMake(channel, scheme, given).map((kind) => {
    const value = given.get(kind) ?? makeIntegrationSecret(kind);
    return { id: makeId('sec'), kind, value };
  });
  const id = makeId('int');
  const chosen = { channel, mode: scheme.mode, scheme: scheme.scheme };
  const row = { id, tenant_id: tenantId, ...chosen, ...names, tolerance_s, dedupe, description };
  const sealed = made.map((each) => {
    const bytes = parts.sealer.seal(each.id, each.value);
    return { id: each.id, kind: each.kind, sealed: bytes, expires_at: null };
  });
  const written = await parts.db.transaction(async (tx) => {
    const detail = { ...chosen, kinds: made.map(({ kind }) => kind) };
    await recordAudit(tx, auditEntry(call, { action: 'integration.create', subject: id, detail }));
    return recordIntegration(tx, row, sealed);
  });
  const answer = toIntegrationAnswer(written, parts);
  const values = new Map(made.map(({ id, value }) => [id, value]));
  const secrets = answer.secrets.map((each) => ({ ...each, value: values.get(each.id) ?? '' }));
  return { ...answer, secrets };
}

function givenValues(secrets: Readonly<Record<string, string | undefined>>): Map<string, string> {
  const entries = Object.entries(secrets);
  return new Map(entries.flatMap(([kind, value]) => (value === undefined ? [] : [[kind, value]])));
}

function changeRoute(parts: IntegrationParts): MountableRoute {
  return route({
    method: 'patch',
    path: '/v1/integrations/{id}',
    summary: 'Change an integration; the next request is judged by what it says then',
    body: changeSchema,
    answer: integrationSchema,
    handle: async (call) => {
      const { tenantId, id, body } = call;
      const changed = await parts.db.transaction(async (tx) => {
        const row = await setIntegration(tx, { id, tenantId }, (current) =>
          toChange(current, body, parts.now()),
        );
        const entry = { action: 'integration.change', subject: id, detail: body };
        const isChange = Object.keys(body).length > 0;
        if (row && isChange) await recordAudit(tx, auditEntry(call, entry));
        return row;
      });
      const answer = toIntegrationAnswer(found(changed, 'integration', id), parts);
      parts.onIntegrationChange(id);
      return answer;
    },
  });
}

/** @throws Problem `invalid-request` when what is there does not allow it */
function toChange(
  { integration, secrets }: IntegrationWithSecrets,
  { mode, scheme, username, receive_id, ...others }: z.output<typeof changeSchema>,
  now: Date,
): IntegrationChange {
  const channel = channelSchema.parse(integration.channel);
  const current = schemeOf(channel, integration);
  const picked = pickScheme(channel, { mode, scheme }, current);
  if (picked !== current) {
    const valid = secrets.filter(({ expires_at: at }) => isStillValid(at, now));
    requireKinds(picked, new Set(valid.map(({ kind }) => kind)));
  }
  return {
    mode: picked.mode,
    scheme: picked.scheme,
    ...settleNames(picked, { username, receive_id }, integration),
    ...Object.fromEntries(Object.entries(others).filter(([, value]) => value !== undefined)),
  };
}

function deleteRoute({ db, onIntegrationChange }: IntegrationParts): MountableRoute {
  return route({
    method: 'delete',
    path: '/v1/integrations/{id}',
    summary: 'Delete an integration with its secrets and rejected requests; its events stay',
    answer: z.void(),
    status: 204,
    handle: async (call) => {
      const { tenantId, id } = call;
      await db.transaction(async (tx) => {
        const isDeleted = await deleteIntegration(tx, id, tenantId);
        found(isDeleted ? id : undefined, 'integration', id);
        const entry = { action: 'integration.delete', subject: id, detail: {} };
        await recordAudit(tx, auditEntry(call, entry));
      });
      onIntegrationChange(id);
    },
  });
}

function readRoutes(parts: IntegrationParts): MountableRoute[] {
  return [
    route({
      method: 'get',
      path: '/v1/integrations',
      summary: 'List integrations',
      query: z.strictObject({ ...pageQuery, channel: channelSchema.optional() }),
      answer: pageOf(integrationSchema),
      handle: async ({ tenantId, query }) => {
        const list = async (page: Parameters<typeof listIntegrations>[2]) => {
          const rows = await listIntegrations(parts.db, tenantId, {
            ...page,
            channel: query.channel,
          });
          return rows.map((row) => toIntegrationAnswer(row, parts));
        };
        return toPage(query, list, (answer) => answer);
      },
    }),
    route({
      method: 'get',
      path: '/v1/integrations/{id}',
      summary: 'Read an integration',
      answer: integrationSchema,
      handle: async ({ tenantId, id }) => {
        const row = await findIntegrationOf(parts.db, id, tenantId);
        return toIntegrationAnswer(found(row, 'integration', id), parts);
      },
    }),
  ];
}
