import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { signStandard } from '../../src/runtime/signature.ts';
import { attemptsOf } from '../../src/store/attempts.ts';
import type { EndpointRow } from '../../src/store/delivery-tables.ts';
import { addDelivery, addEndpoint, addEvent } from './rows.ts';
import { serveApi } from './served-api.ts';
import type { ServedApi } from './served-api.ts';

let api: ServedApi;
beforeAll(async () => {
  api = await serveApi();
});
afterAll(async () => api.close());

const data = '{"n":12345678901234567890}';

/** The request of an attempt that ended with a reason, to an endpoint as it is set up. */
async function requestOf(change: Partial<EndpointRow>, reason = 'status') {
  const endpoint_id = await addEndpoint(api);
  await api
    .db('endpoints')
    .where({ id: endpoint_id })
    .update({ description: 'a', ...change });
  const type = 'session.archived';
  const event_id = await addEvent(api, { type });
  const body = `{"type":"${type}","timestamp":"2026-01-31T12:00:00.000Z","data":${data},"id":"${event_id}"}`;
  await api
    .db('events')
    .where({ id: event_id })
    .update({ body: Buffer.from(body) });
  const id = await addDelivery(api, { event_id, endpoint_id, event_type: type, state: 'retrying' });
  await api.db('attempts').insert({
    ...attemptsOf(id),
    cycle: 1,
    number: 1,
    started_at: new Date(),
    duration_ms: 12,
    status: null,
    reason,
    response_headers: {},
    response_body: Buffer.alloc(0),
    retry_after_ms: null,
  });
  const { body: shown } = await api.call('GET', `/v1/deliveries/${id}/request`);
  return { id, event_id, ...shownSchema.parse(shown) };
}

const shownSchema = z.looseObject({
  is_sent: z.boolean(),
  format: z.string(),
  headers: z.record(z.string(), z.string().nullable()),
  body: z.string(),
});

describe('GET /v1/deliveries/{id}/request', () => {
  test('shows the body that was signed, in the format of the endpoint', async () => {
    const { id, event_id, headers, body, format } = await requestOf({
      format: 'cloudevents-structured',
    });
    expect(format).toBe('cloudevents-structured');
    expect(body).toContain(`"id":"${String(event_id)}"`);
    expect(body).toContain(`"data":${data}}`);
    const timestamp = String(headers['webhook-timestamp']);
    expect(headers).toMatchObject({
      'content-type': 'application/cloudevents+json; charset=utf-8',
      'webhook-signature': signStandard('whsec_c2VjcmV0', { id, timestamp, body }),
    });
  });

  test('of the binary format has the attributes as headers', async () => {
    const { headers, body } = await requestOf({ format: 'cloudevents-binary' });
    expect(body).toBe(data);
    expect(headers).toMatchObject({
      'ce-type': 'session.archived',
      'ce-time': '2026-01-31T12:00:00.000Z',
      'ce-source': `/durahook/${api.tenantId}`,
    });
  });

  test.each([
    ['basic', { kind: 'basic', username: 'u' }, '***'],
    ['bearer', { kind: 'bearer' }, '***'],
    ['mtls', { kind: 'mtls', subject: 'CN=a', valid_to: '2099-01-01T00:00:00Z' }, undefined],
  ] as const)('of %s hides the credential', async (_, auth, shown) => {
    const { headers } = await requestOf({ auth, headers: { 'x-team': 'a' } });
    expect(headers['authorization']).toBe(shown);
    expect(headers['x-team']).toBe('a');
  });

  test.each([
    ['status', true],
    ['auth', false],
  ])('of an attempt that failed with %s: signed is %s', async (reason, isSigned) => {
    const { headers, is_sent } = await requestOf({}, reason);
    expect(is_sent).toBe(isSigned);
    expect(headers['webhook-signature'] === null).toBe(!isSigned);
    expect(headers['x-webhook-signature'] === null).toBe(!isSigned);
  });
});
