import { randomBytes } from 'node:crypto';
import type { Knex } from 'knex';
import { sendRequest } from '../../activities/attempt-request.ts';
import { makeHttpClient } from '../../activities/http.ts';
import type { Answer } from '../../activities/http.ts';
import { makeTokens } from '../../activities/oauth-tokens.ts';
import { makeEgress } from '../../src/runtime/egress.ts';
import { sealAuth } from '../../src/runtime/endpoint-auth.ts';
import { makeId } from '../../src/runtime/ids.ts';
import { makeSealer } from '../../src/runtime/sealing.ts';
import type { Sealer } from '../../src/runtime/sealing.ts';
import type { EndpointAuth, EndpointRow } from '../../src/store/delivery-tables.ts';
import { recordEndpoint } from '../../src/store/endpoints.ts';
import { ensureTenant } from '../../src/store/tenants.ts';
import { freshDatabase } from '../support/database.ts';

/** An endpoint's auth as it is kept: what may be shown, and what is sealed. */
export interface Auth {
  readonly shown: EndpointAuth;
  readonly secret: Readonly<Record<string, string>>;
}

/** Sends an event to an endpoint as an attempt of that number does; remembers tokens of its own. */
export type Worker = (endpointId: string, number?: number) => Promise<Answer>;

/** Endpoints in a database of their own; every name is loopback. */
export interface AttemptWorld {
  readonly db: Knex;
  readonly sealer: Sealer;
  makeWorker(): Worker;
  addEndpoint(url: string, auth: Auth, over?: Partial<EndpointRow>): Promise<string>;
  close(): Promise<void>;
}

/** Signs for every endpoint of the world. */
export const signingSecret = 'whsec_c2VjcmV0';

export async function openAttemptWorld(): Promise<AttemptWorld> {
  const db = await freshDatabase();
  const sealer = makeSealer(randomBytes(32));
  const http = makeHttpClient(makeEgress(['127.0.0.0/8'], async () => ['127.0.0.1']));
  const { id: tenant_id } = await ensureTenant(db, 'attempts', makeId('ten'));
  const event = eventOf(tenant_id);

  function makeWorker(): Worker {
    const tokens = makeTokens(http);
    const parts = { db, http, sealer, tokens, timeoutMs: 3000, userAgent: 'Durahook/test' };
    return async (id, number = 1) => {
      const endpoint = await db('endpoints').where({ id }).first();
      if (!endpoint) throw new Error(`There is no endpoint "${id}"`);
      const sending = { endpoint, event, webhookId: 'dlv_1', number, startedAt: new Date() };
      return (await sendRequest(parts, sending)).answer;
    };
  }

  return {
    db,
    sealer,
    makeWorker,
    async addEndpoint(url, { shown, secret }, over = {}) {
      const [id, secretId] = [makeId('ep'), makeId('sec')];
      const sealed = sealer.seal(secretId, signingSecret);
      const row = { id, tenant_id, url, description: null, event_types: ['*'] };
      await recordEndpoint(db, row, { id: secretId, sealed });
      const change = { auth: shown, auth_sealed: sealAuth(sealer, id, secret), ...over };
      await db('endpoints').where({ id }).update(change);
      return id;
    },
    async close() {
      await http.close();
      await db.destroy();
    },
  };
}

/** With a number over 2^53. */
function eventOf(tenant_id: string) {
  const received_at = new Date();
  const [id, type] = [makeId('evt', received_at), 'session.archived'];
  const text = `{"type":"${type}","timestamp":"${received_at.toISOString()}","data":{"n":12345678901234567890},"id":"${id}"}`;
  return { id, tenant_id, type, body: Buffer.from(text), received_at, traceparent: null };
}
