import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serveApi } from './served-api.ts';
import type { Answer, ServedApi } from './served-api.ts';

let api: ServedApi;
beforeAll(async () => {
  api = await serveApi();
});
afterAll(async () => api.close());

const base = { url: 'https://example.com/hook', event_types: ['*'] };

const make = (settings: object): Promise<Answer> =>
  api.call('POST', '/v1/endpoints', { ...base, ...settings });

async function rowOf(id: unknown) {
  return api
    .db('endpoints')
    .where({ id: id as string })
    .first();
}

const pointersOf = ({ body }: Answer): string[] =>
  ((body['errors'] ?? []) as { pointer: string }[]).map(({ pointer }) => pointer);

/** A value that is taken, beside those that differ from it by one thing and are not. */
const cases: readonly (readonly [string, unknown, readonly (readonly [unknown, string])[]])[] = [
  [
    'filter',
    'body.data.cost > 1.0 && event.type != "tool.called"',
    [
      ['body.data.cost >', '/filter'],
      ['body.data.cost + 1.0', '/filter'],
      ['boddy.data.cost > 1.0', '/filter'],
      ['', '/filter'],
      [`"${'x'.repeat(4095)}" == ""`, '/filter'],
      ['body.data.x == "\0"', '/filter'],
    ],
  ],
  ['filter', 'data.cost > 1.0', []],
  ['order_by', 'data.session_id', [['data.', '/order_by']]],
  ['order_by', 'body.data.session_id', [['session_id', '/order_by']]],
  ['metadata', { ['n'.repeat(100)]: 'v'.repeat(500) }, [[{ a: 'v'.repeat(501) }, '/metadata/a']]],
  ['metadata', { plan: 'gold' }, [[{ plan: 1 }, '/metadata/plan']]],
  ['metadata', { plan: 'gölden' }, [[{ plan: 'a\ud800' }, '/metadata/plan']]],
  [
    'metadata',
    Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`k${n}`, ''])),
    [[Object.fromEntries(Array.from({ length: 51 }, (_, n) => [`k${n}`, ''])), '/metadata']],
  ],
  ['format', 'cloudevents-binary', [['xml', '/format']]],
  [
    'schedule',
    ['0s', '5s', '1m', '1h', '1d'],
    [
      [['0s', '1s', '1s', '1s', '1s', '1s'], '/schedule'],
      [[], '/schedule'],
      [['1s'], '/schedule/0'],
      [['0s', '25h'], '/schedule/1'],
      [['0s', 'soon'], '/schedule/1'],
    ],
  ],
  ['schedule', ['0s'], [['0s', '/schedule']]],
  [
    'timeout',
    '30s',
    [
      ['31s', '/timeout'],
      ['999ms', '/timeout'],
      [5, '/timeout'],
    ],
  ],
  [
    'rate_limit',
    10_000,
    [
      [10_001, '/rate_limit'],
      [0, '/rate_limit'],
      [1.5, '/rate_limit'],
    ],
  ],
  [
    'in_flight_max',
    1000,
    [
      [1001, '/in_flight_max'],
      [0, '/in_flight_max'],
    ],
  ],
  ['on_outage', 'park', [['wait', '/on_outage']]],
  ['redrives_on_recovery', true, [['yes', '/redrives_on_recovery']]],
  [
    'ack_window',
    '1d',
    [
      ['25h', '/ack_window'],
      ['1s', '/ack_window'], // Below the platform's timeout of 2 s.
    ],
  ],
  ['ack_window', '2s', []],
  ['description', 'Billing', [['x\0', '/description']]],
];

describe('the settings of an endpoint', () => {
  test.each(cases)('%s: %j is taken, and kept until null clears it', async (name, good, bad) => {
    const made = await make({ [name]: good });
    expect(made).toMatchObject({ status: 201, body: { [name]: good } });
    const path = `/v1/endpoints/${String(made.body['id'])}`;
    const kept = await api.call('PATCH', path, { event_types: ['session.*'] });
    expect(kept.body).toMatchObject({ [name]: good, event_types: ['session.*'] });
    for (const [value, pointer] of bad) {
      const refused = await make({ [name]: value });
      expect({ value, refused }).toMatchObject({ value, refused: { status: 422 } });
      expect({ value, pointers: pointersOf(refused) }).toEqual({ value, pointers: [pointer] });
      expect((await api.call('PATCH', path, { [name]: value })).status).toBe(422);
    }
    expect((await api.call('GET', path)).body).toMatchObject({ [name]: good });
    const cleared = await api.call('PATCH', path, { [name]: null });
    const bare = (await make({})).body;
    expect(cleared.body[name]).toEqual(bare[name]);
    expect(cleared.body['effective']).toEqual(bare['effective']);
  });

  test('all of them together, and what holds without them', async () => {
    expect((await make({})).body).toMatchObject({
      filter: null,
      metadata: {},
      headers: {},
      auth: null,
      format: 'standard',
      schedule: null,
      timeout: null,
      rate_limit: null,
      in_flight_max: null,
      order_by: null,
      on_outage: 'retry',
      redrives_on_recovery: false,
      ack_window: null,
      state_since: null,
      effective: { schedule: ['0s', '30s', '2m', '10m', '1h'], timeout: '2s' },
    });
    const set = { schedule: ['0s', '90s'], timeout: '10s', ack_window: '10s', in_flight_max: 8 };
    const { body } = await make({ ...set, order_by: 'data.session_id' });
    expect(body).toMatchObject({ ...set, effective: { schedule: ['0s', '90s'], timeout: '10s' } });
    expect(await rowOf(body['id'])).toMatchObject({
      schedule_ms: [0, 90_000],
      timeout_ms: 10_000,
      ack_window_ms: 10_000,
    });
  });

  test('a mistake in an expression is told with its place', async () => {
    const { body } = await make({ filter: 'event.type == tpye' });
    expect(body['errors']).toEqual([
      {
        pointer: '/filter',
        detail: expect.stringMatching(/^Unknown variable "tpye".* \(at character 15\)$/) as string,
      },
    ]);
  });

  test('a timeout longer than the ack window is refused at what was given', async () => {
    const { body } = await make({ ack_window: '5s' });
    const path = `/v1/endpoints/${String(body['id'])}`;
    expect((await api.call('PATCH', path, { timeout: '5s' })).status).toBe(200);
    const refused = await api.call('PATCH', path, { timeout: '6s' });
    expect([refused.status, pointersOf(refused)]).toEqual([422, ['/timeout']]);
    const both = await api.call('PATCH', path, { timeout: '6s', ack_window: '6s' });
    expect(both.status).toBe(200);
  });

  test("an ack window that the platform's own timeout has outgrown keeps no other change out", async () => {
    const { body } = await make({ ack_window: '5s' });
    const id = String(body['id']);
    await api.db('endpoints').where({ id }).update({ ack_window_ms: 1000 });
    const changed = await api.call('PATCH', `/v1/endpoints/${id}`, { description: 'Billing' });
    expect(changed).toMatchObject({ status: 200, body: { description: 'Billing' } });
    const refused = await api.call('PATCH', `/v1/endpoints/${id}`, { timeout: '3s' });
    expect([refused.status, pointersOf(refused)]).toEqual([422, ['/timeout']]);
  });

  test('a change is in the audit log, with the names of headers and metadata alone', async () => {
    const { body } = await make({});
    const path = `/v1/endpoints/${String(body['id'])}`;
    const auth = { kind: 'bearer', token: 'tok-secret' };
    const headers = { 'X-Key': 'hdr-secret' };
    await api.call('PATCH', path, { auth, headers, metadata: { plan: 'gold' }, timeout: '5s' });
    await api.call('PATCH', path, {});
    const rows = await api
      .db('audit_log')
      .where({ subject: String(body['id']) })
      .orderBy('id');
    expect(rows.map(({ action, detail }) => [action, detail])).toEqual([
      ['endpoint.create', base],
      [
        'endpoint.change',
        { auth: { kind: 'bearer' }, headers: ['x-key'], metadata: ['plan'], timeout: '5s' },
      ],
    ]);
  });
});

describe('headers', () => {
  test.each<[object, object]>([
    [{ 'X-Tenant': 'acme' }, { 'x-tenant': 'acme' }],
    [{ cookie: 'a=b' }, { cookie: 'a=b' }],
    [{ 'x-note': 'a\tb ~' }, { 'x-note': 'a\tb ~' }],
    [{ 'x-long': 'v'.repeat(1000) }, { 'x-long': 'v'.repeat(1000) }],
    [{ 'webhooks-id': '1' }, { 'webhooks-id': '1' }],
  ])('takes %j', async (headers, shown) => {
    expect(await make({ headers })).toMatchObject({ status: 201, body: { headers: shown } });
  });

  test.each<[string, string]>([
    ['x-note', 'a\r\nx-evil: 1'],
    ['x-note', 'a\nb'],
    ['x-note', 'ö'],
    ['x-note', 'a\0'],
    ['x-note', 'v'.repeat(1001)],
    ['x note', 'a'],
    ['x-note:', 'a'],
    ['', 'a'],
    ...[
      ['Webhook-Id', 'webhook-later', 'X-Webhook-Signature', 'ce-id', 'Content-Type'],
      ['content-length', 'content-encoding', 'Transfer-Encoding', 'connection', 'keep-alive'],
      ['upgrade', 'te', 'trailer', 'Host', 'user-agent', 'traceparent', 'tracestate', 'expect'],
      ['Authorization', 'proxy-authorization'],
    ]
      .flat()
      .map((name): [string, string] => [name, 'a']),
  ])('refuses %j: %j at its place', async (name, value) => {
    const answer = await make({ headers: { 'x-good': 'a', [name]: value } });
    expect([answer.status, pointersOf(answer)]).toEqual([422, [`/headers/${name}`]]);
  });

  test('one name in two cases is refused, as are 21 headers', async () => {
    const twice = await make({ headers: { 'x-a': '1', 'X-A': '2' } });
    expect([twice.status, pointersOf(twice)]).toEqual([422, ['/headers/X-A']]);
    const many = (count: number): object =>
      Object.fromEntries(Array.from({ length: count }, (_, n) => [`x-${n}`, '']));
    expect((await make({ headers: many(20) })).status).toBe(201);
    expect((await make({ headers: many(21) })).status).toBe(422);
  });
});
