import { describe, expect, test } from 'vitest';
import { judgeEndpoint } from '../../src/runtime/endpoint-judgement.ts';
import { matchEndpoint } from '../../src/runtime/endpoint-matching.ts';

const scope = {
  event: { id: 'evt_1', source: 'platform', type: 'session.finished', tenant_id: 'ten_1' },
  body: { data: { cost: 2 } },
  data: { cost: 2 },
  headers: {},
  query: {},
} as unknown as ReturnType<Parameters<typeof matchEndpoint>[2]>;

const wanted = [
  ['*'],
  ['session.*'],
  ['session.finished'],
  ['agent.step'],
  ['agent.*'],
  ['endpoint.*'],
  ['endpoint.failing', 'tool.error'],
  ['custom.*'],
];
const types = ['session.finished', 'agent.step', 'endpoint.failing', 'custom.shop.sold'];
const filters = [null, 'data.cost > 1.0', 'data.cost > 2.0', 'data.none > 1.0'];

describe('judgeEndpoint()', () => {
  const cases = wanted.flatMap((event_types) =>
    types.flatMap((type) => filters.map((filter) => ({ event_types, type, filter }))),
  );
  test.each(cases)('says no where publishing does: %o', ({ event_types, type, filter }) => {
    const settings = { event_types, filter, order_by: null };
    const { kind } = matchEndpoint(settings, type, () => scope);
    const judged = judgeEndpoint({ id: 'ep_1', event_types, filter }, { type, scope: () => scope });
    expect(judged.isMatch).toBe(kind === 'sent');
  });

  test('names ten event types at most', () => {
    const event_types = Array.from({ length: 12 }, (_, index) => `custom.a${index}`);
    const endpoint = { id: 'ep_1', event_types, filter: null };
    expect(judgeEndpoint(endpoint, { type: 'tool.error', scope: () => scope })).toMatchObject({
      why: expect.stringMatching(/custom\.a9 and 2 more$/) as unknown,
    });
  });
});
