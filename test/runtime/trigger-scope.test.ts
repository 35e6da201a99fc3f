import { expect, test } from 'vitest';
import { scopeOf } from '../../src/runtime/trigger-scope.ts';

const event = {
  id: 'evt_1',
  source: 'github',
  type: 'push',
  tenant_id: 'ten_1',
  received_at: new Date('2026-06-01T12:00:00.500Z'),
  headers: { 'x-github-event': 'push' },
  query: 'ref=a+b&x=%20&__proto__=1',
  body: Buffer.from('{"ref":"main"}'),
  content_type: 'application/json',
};

test('expressions see the event, its body, headers and query', () => {
  const scope = scopeOf(event, { attempt: 2, isReplay: true });
  expect(scope).toEqual({
    event: {
      id: 'evt_1',
      source: 'github',
      type: 'push',
      tenant_id: 'ten_1',
      received_at: '2026-06-01T12:00:00.500Z',
      attempt: 2,
      replay: true,
    },
    body: { ref: 'main' },
    headers: { 'x-github-event': 'push' },
    query: Object.fromEntries([
      ['ref', 'a+b'],
      ['x', ' '],
      ['__proto__', '1'],
    ]),
  });
  expect(Object.getPrototypeOf(scope.query)).toBe(Object.prototype);
});
