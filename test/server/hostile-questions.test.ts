import { describe, expect, test } from 'vitest';
import { half, hostileApi, none, pointersOf } from './hostile-api.ts';
import type { Foreign } from './hostile-api.ts';

const { api, foreign, logged, own, refused } = hostileApi();

describe('an id', () => {
  const reads: readonly (readonly [string, string, keyof Foreign, object?])[] = [
    ['GET', '/v1/endpoints/{id}', 'ep'],
    ['PATCH', '/v1/endpoints/{id}', 'ep', { description: 'a' }],
    ['DELETE', '/v1/endpoints/{id}', 'ep'],
    ['GET', '/v1/endpoints/{id}/secrets', 'ep'],
    ['POST', '/v1/endpoints/{id}/secrets', 'ep', {}],
    ['DELETE', '/v1/endpoints/{id}/secrets/sec_1', 'ep'],
    ['GET', '/v1/endpoints/{id}/test-events', 'ep'],
    ['POST', '/v1/endpoints/{id}/test-events', 'ep', {}],
    ['POST', '/v1/endpoints/{id}/pause', 'ep'],
    ['POST', '/v1/endpoints/{id}/disable', 'ep'],
    ['POST', '/v1/endpoints/{id}/resume', 'ep'],
    ['GET', '/v1/deliveries/{id}', 'dlv'],
    ['GET', '/v1/deliveries/{id}/attempts', 'dlv'],
    ['GET', '/v1/deliveries/{id}/request', 'dlv'],
    ['POST', '/v1/deliveries/{id}/attempt-now', 'dlv'],
    ['POST', '/v1/deliveries/{id}/cancel', 'dlv', {}],
    ['POST', '/v1/deliveries/{id}/hold', 'dlv', {}],
    ['POST', '/v1/deliveries/{id}/redrive', 'dead'],
    ['GET', '/v1/dead-letters/{id}', 'dead'],
    ['GET', '/v1/events/{id}/explain', 'evt'],
  ];

  test.each(reads.map(([method, path, ...about]) => [method, path, about] as const))(
    '%s %s: of another tenant is as one of nobody',
    async (method, path, [kind, body]) => {
      const asked = async (id: string): Promise<unknown> => {
        const answer = await refused([method, path.replace('{id}', id), body], 404);
        expect(answer.body['errors']).toBeUndefined();
        return String(answer.body['detail']).replace(id, '…');
      };
      const nobody = foreign()[kind].replace(/[0-9a-f]{4}$/, 'ffff');
      expect(await asked(foreign()[kind])).toBe(await asked(nobody));
      for (const id of [
        `key_${none}`,
        foreign()[kind].slice(0, -1),
        '%00',
        '%ff',
        'x'.repeat(101),
      ]) {
        await asked(id);
      }
    },
  );

  test('of another tenant in a bulk is not found, and stays as it is', async () => {
    const ids = [foreign().dlv, foreign().dead, half, '\0', '', `dlv_${'f'.repeat(32)}`];
    for (const path of ['attempt-now', 'cancel', 'hold', 'redrive']) {
      const { body } = await api().call('POST', `/v1/deliveries/${path}`, { ids });
      expect(body).toMatchObject({ matched: 0 });
      expect(body['results']).toEqual(
        ids.map((id) => ({ id, state: 'refused', reason: 'not found' })),
      );
    }
    for (const path of ['redrive', 'discard']) {
      const call = { ids, ...(path === 'discard' && { reason: 'a' }) };
      const { body } = await api().call('POST', `/v1/dead-letters/${path}`, call);
      expect(body['results']).toEqual(
        ids.map((id) => ({ id, state: 'refused', reason: 'not found' })),
      );
    }
    const rows = await api()
      .db('deliveries')
      .whereIn('id', [foreign().dlv, foreign().dead])
      .orderBy('id')
      .select('state', 'cycle');
    expect(rows).toEqual([
      { state: 'retrying', cycle: 1 },
      { state: 'dead', cycle: 1 },
    ]);
  });
});

const forged = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('a question', () => {
  test.each([
    ['/v1/endpoints?colour=red', '?colour'],
    ['/v1/endpoints?state=on', '?state'],
    ['/v1/endpoints?health=good', '?health'],
    ['/v1/endpoints?text=%00', '?text'],
    [`/v1/endpoints?text=${'x'.repeat(201)}`, '?text'],
    ['/v1/endpoints?limit=-1', '?limit'],
    ['/v1/endpoints?limit=9e999', '?limit'],
    ['/v1/endpoints?cursor=a%27b', '?cursor'],
    ['/v1/endpoints/{ep}/secrets?limit=201', '?limit'],
    ['/v1/endpoints/{ep}/test-events?cursor=%f0', '?cursor'],
    ['/v1/endpoints/{ep}?a=1', '?a'],
    ['/v1/deliveries?state=lost', '?state'],
    ['/v1/deliveries?state=dead&state=parked', '?state'],
    ['/v1/deliveries?from=yesterday', '?from'],
    ['/v1/deliveries?to=9999-01-01T00:00:00Z', '?to'],
    ['/v1/deliveries?from=2026-02-30T00:00:00Z', '?from'],
    ['/v1/deliveries?text=%25', '?text'],
    ['/v1/deliveries?endpoint_id=%00', '?endpoint_id'],
    [`/v1/deliveries?cursor=${'x'.repeat(101)}`, '?cursor'],
    ['/v1/deliveries/{dlv}/attempts?cycle=0', '?cycle'],
    ['/v1/deliveries/{dlv}/request?number=2147483648', '?number'],
    ['/v1/dead-letters?kind=event', '?kind'],
    ['/v1/dead-letters?cursor=a', '?cursor'],
    ['/v1/dead-letters?text=%25', '?text'],
    [
      `/v1/dead-letters?cursor=${forged({ of: 'list', id: half, died_at_exact: 'now' })}`,
      '?cursor',
    ],
    ['/v1/dead-letters/groups?limit=1', '?limit'],
    [`/v1/events/evt_${none}/explain?deep=1`, '?deep'],
  ])('GET %s is refused at its parameter', async (path, pointer) => {
    expect(pointersOf(await refused(['GET', own(path)], 422))).toEqual([pointer]);
  });

  test.each([
    '/v1/endpoints?cursor=zzz',
    `/v1/endpoints?cursor=ep_${'f'.repeat(32)}`,
    `/v1/deliveries?cursor=dlv_${'f'.repeat(32)}`,
    '/v1/deliveries?cursor=dlv_1',
    `/v1/deliveries?event_id=evt_${'f'.repeat(32)}`,
    '/v1/deliveries?event_type=%ff%27--',
    '/v1/deliveries?from=2999-01-01T00:00:00Z&to=1970-01-01T00:00:00Z',
    `/v1/dead-letters?endpoint_id=ep_${'f'.repeat(32)}`,
    '/v1/endpoints?text=%25_%5c%27',
  ])('GET %s shows nothing of others', async (path) => {
    const { status, text } = await api().call('GET', path);
    expect([status, logged]).toEqual([200, []]);
    for (const id of Object.values(foreign())) expect(text).not.toContain(id);
  });
});

describe('a bulk', () => {
  const place = { after: `dlv_${none}`, until: '2026-01-01T00:00:00Z' };
  const died = { id: 'a', died_at_exact: '2026-13-01T00:00:00.000000Z' };
  const mistakes: readonly (readonly [object, string])[] = [
    [{}, '/ids'],
    [{ ids: [] }, '/ids'],
    [{ ids: Array.from({ length: 1001 }, () => 'a') }, '/ids'],
    [{ ids: [1] }, '/ids/0'],
    [{ ids: ['x'.repeat(121)] }, '/ids/0'],
    [{ ids: ['a'], filter: {} }, '/ids'],
    [{ ids: ['a'], confirm: 1 }, '/confirm'],
    [{ filter: [] }, '/filter'],
    [{ filter: { colour: 'red' } }, '/filter/colour'],
    [{ filter: { state: 'lost' } }, '/filter/state'],
    [{ filter: { event_type: half } }, '/filter/event_type'],
    [{ filter: { event_type: '\0' } }, '/filter/event_type'],
    [{ filter: { endpoint_id: '\0' } }, '/filter/endpoint_id'],
    [{ filter: { from: '2026' } }, '/filter/from'],
    [{ filter: {}, confirm: -1 }, '/confirm'],
    [{ filter: {}, confirm: 1e300 }, '/confirm'],
    [{ filter: {}, confirm: '1' }, '/confirm'],
    [{ filter: {}, cursor: half }, '/cursor'],
    [{ filter: {}, cursor: forged({ of: 'cancel-00000000', ...place }) }, '/cursor'],
    [{ filter: {}, cursor: forged({ of: 'bulk-00000000', ...died }) }, '/cursor'],
    [{ filter: {}, cursor: 'x'.repeat(1001) }, '/cursor'],
    [{ filter: {}, dry_run: 1 }, '/dry_run'],
    [{ filter: {}, reason: '\0' }, '/reason'],
    [{ filter: {}, reason: half }, '/reason'],
    [{ filter: {}, reason: 'x'.repeat(501) }, '/reason'],
    [{ filter: {}, reason: '' }, '/reason'],
  ];
  test.each([
    '/v1/deliveries/attempt-now',
    '/v1/deliveries/cancel',
    '/v1/deliveries/hold',
    '/v1/deliveries/redrive',
    '/v1/dead-letters/redrive',
    '/v1/dead-letters/discard',
  ])('%s is refused at each mistake', async (path) => {
    for (const [mistake, pointer] of mistakes) {
      const body = { ...(path.endsWith('discard') && { reason: 'a' }), ...mistake };
      expect(pointersOf(await refused(['POST', path, body], 422))).toEqual([pointer]);
    }
  });
});
