import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import { makeEgress } from '../../src/runtime/egress.ts';
import { addDead } from './dead-letter-rows.ts';
import { addDelivery, addEvent } from './rows.ts';
import { serveApi } from './served-api.ts';
import type { Answer, ServedApi } from './served-api.ts';

/** An endpoint as a request makes it. */
export const base = { url: 'https://example.com/hook', event_types: ['*'] };

/** Ends the id of nobody. */
export const none = '0'.repeat(32);

/** No text: half a surrogate pair. */
export const half = '\ud800';

/** What another tenant has. */
export type Foreign = Record<'ep' | 'dlv' | 'dead' | 'evt', string>;

type Request = readonly [method: string, path: string, body?: unknown];

/** The API of a test file, with an endpoint, beside a tenant with something of each kind. */
export function hostileApi() {
  let api: ServedApi;
  let endpointId: string;
  let foreign: Foreign;
  const logged: string[] = [];

  beforeAll(async () => {
    const log = pino({ level: 'warn' }, { write: (line: string) => void logged.push(line) });
    api = await serveApi({ refuseUrl: makeEgress([]).refuseTarget, log });
    endpointId = String((await api.call('POST', '/v1/endpoints', base)).body['id']);
    foreign = await makeForeign(api);
  });
  afterAll(async () => api.close());
  beforeEach(() => void logged.splice(0));

  return {
    api: () => api,
    foreign: () => foreign,
    /** What was logged as a warning or worse. */
    logged,
    /** An address with the ids that its tenant has, or nobody. */
    own: (path: string) => path.replace('{ep}', endpointId).replace('{dlv}', `dlv_${none}`),

    /** A refusal that a client can act on, of which nothing is left and which nobody is woken by. */
    refused: async ([method, path, body]: Request, status: number): Promise<Answer> => {
      const before = await stored(api);
      const answer = await api.call(method, path, body);
      const what = `${method} ${path.slice(0, 200)} ${String(JSON.stringify(body)).slice(0, 200)}`;
      expect([what, answer.status, answer.text]).toEqual([what, status, expect.any(String)]);
      expect(answer.headers.get('Content-Type')).toContain('application/problem+json');
      expect(answer.body).toMatchObject({ status, detail: expect.stringMatching(/./) as string });
      expect([what, await stored(api)]).toEqual([what, before]);
      expect([api.wakes(), logged]).toEqual([0, []]);
      return answer;
    },
  };
}

/** Where a problem tells a client to look. */
export function pointersOf({ body }: Answer): string[] {
  return ((body['errors'] ?? []) as { pointer: string }[]).map(({ pointer }) => pointer);
}

async function makeForeign(api: ServedApi): Promise<Foreign> {
  const tenant_id = await api.makeTenant();
  const headers = {
    Authorization: `Bearer ${await api.makeKey(['read', 'write'], tenant_id)}`,
    'Content-Type': 'application/json',
  };
  const init = { method: 'POST', headers, body: JSON.stringify(base) };
  const made = await api.fetch('/v1/endpoints', init);
  return {
    ep: String(made.body['id']),
    dlv: await addDelivery(api, { tenant_id, state: 'retrying' }),
    dead: await addDead(api, { tenant_id }),
    evt: await addEvent(api, { tenant_id }),
  };
}

/** Everything that a request may change. */
async function stored({ db }: ServedApi): Promise<string> {
  const tables = [
    'endpoints',
    'endpoint_secrets',
    'deliveries',
    'failed_cycles',
    'delivery_pokes',
    'audit_log',
  ] as const;
  const rows = await Promise.all(tables.map((table) => db(table).select('*').orderByRaw('1, 2')));
  return JSON.stringify(rows);
}
