import type { Knex } from 'knex';
import { z } from 'zod';
import { Problem } from '../../src/domain/problem.ts';
import { makeApiKey } from '../../src/runtime/api-key.ts';
import { listApiKeys, recordApiKey, setApiKeyRevoked } from '../../src/store/api-keys.ts';
import { recordAudit } from '../../src/store/audit-log.ts';
import type { ApiKeyRow } from '../../src/store/access-tables.ts';
import { auditEntry } from '../audit.ts';
import { scopeNames } from '../auth.ts';
import { invalid, route } from '../route.ts';
import type { MountableRoute } from '../route.ts';
import { found, instant, moment, pageOf, pageQuery, toPage } from './answers.ts';

const apiKeySchema = z
  .object({
    id: z.string(),
    name: z.string(),
    scopes: z.array(z.string()),
    created_at: instant,
    last_used_at: instant.nullable().meta({ description: 'To the minute' }),
    expires_at: instant.nullable(),
    revoked_at: instant.nullable(),
  })
  .meta({ id: 'ApiKey', description: 'What opens the API; the key itself is kept nowhere.' });

const createdSchema = apiKeySchema
  .extend({ key: z.string().meta({ description: 'Shown this once' }) })
  .meta({ id: 'CreatedApiKey', description: 'An API key with the key itself.' });

const newApiKeySchema = z.strictObject({
  name: z
    .string()
    .trim()
    .min(1, 'Say what it is for')
    .max(200)
    .refine((text) => !text.includes('\0'), 'Must not contain U+0000'),
  scopes: z
    .array(z.enum(scopeNames))
    .min(1, 'Name at least one')
    .max(scopeNames.length)
    .refine((scopes) => new Set(scopes).size === scopes.length, 'Name each once'),
  expires_at: moment.optional().meta({ description: 'Without it the key never ends' }),
});

export interface ApiKeyParts {
  readonly db: Knex;
  readonly now: () => Date;
}

export function apiKeyRoutes(parts: ApiKeyParts): MountableRoute[] {
  return [listRoute(parts), createRoute(parts), revokeRoute(parts)];
}

function listRoute({ db }: ApiKeyParts): MountableRoute {
  return route({
    method: 'get',
    path: '/v1/api-keys',
    summary: 'List API keys, revoked ones too',
    query: z.strictObject(pageQuery),
    answer: pageOf(apiKeySchema),
    handle: async ({ tenantId, query }) =>
      toPage(query, (page) => listApiKeys(db, tenantId, page), toAnswer),
  });
}

function createRoute({ db, now }: ApiKeyParts): MountableRoute {
  return route({
    method: 'post',
    path: '/v1/api-keys',
    summary: 'Make an API key; it is shown this once',
    body: newApiKeySchema,
    answer: createdSchema,
    status: 201,
    handle: async (call) => {
      const { name, scopes } = call.body;
      const tooMuch = scopes.find((scope) => !call.scopes.includes(scope));
      if (tooMuch !== undefined) {
        throw new Problem('scope-missing', `Who lacks the scope "${tooMuch}" can't give it away`);
      }
      const expires_at = endOf(call.body.expires_at, now());
      const { id, key, hash } = makeApiKey();
      const row = await db.transaction(async (tx) => {
        const made = { id, tenant_id: call.tenantId, name, hash, scopes, expires_at };
        const recorded = await recordApiKey(tx, made);
        const detail = { name, scopes, expires_at };
        const what = { action: 'api_key.create', subject: id, detail };
        await recordAudit(tx, auditEntry(call, what));
        return recorded;
      });
      return { ...toAnswer(row), key };
    },
  });
}

/** @throws Problem `invalid-request` for an instant that is over */
function endOf(text: string | undefined, now: Date): Date | null {
  if (text === undefined) return null;
  const end = new Date(text);
  if (end > now) return end;
  throw invalid([{ pointer: '/expires_at', detail: 'Must be in the future' }]);
}

function revokeRoute({ db, now }: ApiKeyParts): MountableRoute {
  return route({
    method: 'delete',
    path: '/v1/api-keys/{id}',
    summary: 'Revoke an API key, for good; it stays in the list',
    answer: z.void(),
    status: 204,
    handle: async (call) => {
      const { id, tenantId } = call;
      await db.transaction(async (tx) => {
        const revoked = found(await setApiKeyRevoked(tx, { id, tenantId }, now()), 'API key', id);
        if (revoked === 'before') return; // Nothing was done: there is nothing to note.
        const what = { action: 'api_key.revoke', subject: id, detail: {} };
        await recordAudit(tx, auditEntry(call, what));
      });
    },
  });
}

function toAnswer(row: ApiKeyRow): z.input<typeof apiKeySchema> {
  const { id, name, scopes } = row;
  return {
    id,
    name,
    scopes,
    created_at: row.created_at.toISOString(),
    last_used_at: row.last_used_at?.toISOString() ?? null,
    expires_at: row.expires_at?.toISOString() ?? null,
    revoked_at: row.revoked_at?.toISOString() ?? null,
  };
}
