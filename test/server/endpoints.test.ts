import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serveApi } from './served-api.ts';
import type { ServedApi } from './served-api.ts';

let api: ServedApi;
beforeAll(async () => {
  api = await serveApi();
});
afterAll(async () => api.close());

const endpoint = { url: 'https://example.com/hook', event_types: ['session.*'] };

describe('endpointRoutes()', () => {
  test('the secret is in the first answer and in no other', async () => {
    const made = await api.call('POST', '/v1/endpoints', { ...endpoint, description: 'Billing' });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({ ...endpoint, state: 'enabled', description: 'Billing' });
    expect(made.body['secret']).toBe('whsec_c2VjcmV0');
    const path = made.headers.get('Location') ?? '';
    for (const answer of [await api.call('GET', path), await api.call('GET', '/v1/endpoints')]) {
      expect(answer.status).toBe(200);
      expect(answer.text).not.toContain('whsec_');
    }
    const [row] = await api
      .db('endpoint_secrets')
      .where({ endpoint_id: made.body['id'] as string });
    expect(row?.sealed.toString('latin1')).not.toContain('whsec_');
  });

  test('a change changes what it names and nothing else', async () => {
    const { headers } = await api.call('POST', '/v1/endpoints', endpoint);
    const path = headers.get('Location') ?? '';
    const changed = await api.call('PATCH', path, { description: 'Old' });
    expect(changed.body).toMatchObject({ ...endpoint, state: 'enabled', description: 'Old' });
    const moved = await api.call('PATCH', path, { url: 'https://example.com/new' });
    expect(moved.body).toMatchObject({ url: 'https://example.com/new', description: 'Old' });
    const refused = await api.call('PATCH', path, { url: 'http://example.com/' });
    expect(refused.body).toMatchObject({ status: 422, type: '/problems/url-refused' });
    expect((await api.call('PATCH', path, { state: 'paused' })).status).toBe(422);
    expect((await api.call('PATCH', path, { secret: 'x' })).status).toBe(422);
  });

  test('a list is narrowed by state, and by text in URL, description or id', async () => {
    const made = await api.call('POST', '/v1/endpoints', {
      url: 'https://hooks.acme.example/100%25',
      event_types: ['*'],
      description: 'Billing of Zürich',
    });
    const id = String(made.body['id']);
    await api.call('POST', `/v1/endpoints/${id}/pause`);
    for (const query of ['text=ACME', 'text=zürich', `text=${id}`, 'state=paused', 'text=100%25']) {
      const { body } = await api.call('GET', `/v1/endpoints?${query}`);
      expect({ query, data: body['data'] }).toMatchObject({ query, data: [{ id }] });
    }
    for (const query of ['text=nowhere', 'state=paused&text=example.com/hook', 'text=a%25e']) {
      const { body } = await api.call('GET', `/v1/endpoints?${query}`);
      expect({ query, data: body['data'] }).toEqual({ query, data: [] });
    }
  });

  test('a deleted endpoint is gone', async () => {
    const { headers } = await api.call('POST', '/v1/endpoints', endpoint);
    const path = headers.get('Location') ?? '';
    const deleted = await api.call('DELETE', path);
    expect([deleted.status, deleted.text]).toEqual([204, '']);
    expect((await api.call('GET', path)).status).toBe(404);
    expect((await api.call('DELETE', path)).status).toBe(404);
  });

  test('a URL that cannot be used is answered 422 url-refused', async () => {
    const { status, body } = await api.call('POST', '/v1/endpoints', {
      ...endpoint,
      url: 'http://10.0.0.1/',
    });
    expect([status, body['type']]).toEqual([422, '/problems/url-refused']);
    expect(body['errors']).toEqual([{ pointer: '/url', detail: 'Must be https' }]);
  });

  test.each(['*', 'session.*', 'session.created', 'agent.step', 'custom.order_paid', 'custom.*'])(
    'takes the event type "%s"',
    async (type) => {
      const answer = await api.call('POST', '/v1/endpoints', { ...endpoint, event_types: [type] });
      expect(answer.status).toBe(201);
    },
  );

  test.each(['session.create', 'session*', 'SESSION.*', '', 'custom.', '__proto__'])(
    'refuses the event type "%s" at its place',
    async (type) => {
      const { status, body } = await api.call('POST', '/v1/endpoints', {
        ...endpoint,
        event_types: ['*', type],
      });
      expect(status).toBe(422);
      expect(body['errors']).toEqual([expect.objectContaining({ pointer: '/event_types/1' })]);
    },
  );

  test('an unknown event type is answered with the nearest one', async () => {
    const { body } = await api.call('POST', '/v1/endpoints', {
      ...endpoint,
      event_types: ['session.create'],
    });
    expect(body['detail']).toContain('"session.created"');
  });

  test('a cursor walks over every endpoint once, newest first', async () => {
    const paged = await serveApi();
    const ids: unknown[] = [];
    for (let count = 0; count < 5; count += 1) {
      ids.unshift((await paged.call('POST', '/v1/endpoints', endpoint)).body['id']);
    }
    const seen: unknown[] = [];
    const sizes: number[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const query = cursor === '' ? '?limit=2' : `?limit=2&cursor=${cursor}`;
      const { body } = await paged.call('GET', `/v1/endpoints${query}`);
      const data = body['data'] as { id: string }[];
      seen.push(...data.map(({ id }) => id));
      sizes.push(data.length);
      cursor = body['next_cursor'] as string | null;
    }
    expect(seen).toEqual(ids);
    expect(sizes).toEqual([2, 2, 1]);
    await paged.close();
  });
});

describe('eventTypeRoutes()', () => {
  test('lists the catalog with a schema and an example for each type', async () => {
    const { status, body } = await api.call('GET', '/v1/event-types');
    expect(status).toBe(200);
    expect(body['data']).toContainEqual(
      expect.objectContaining({
        type: 'session.created',
        is_verbose: false,
        is_operational: false,
        example: expect.anything() as unknown,
        schema: expect.objectContaining({ type: 'object' }) as unknown,
      }),
    );
    expect(body['data']).toContainEqual(
      expect.objectContaining({ type: 'endpoint.failing', is_operational: true }),
    );
  });
});
