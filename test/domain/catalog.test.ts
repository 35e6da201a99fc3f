import { describe, expect, test } from 'vitest';
import { catalog, checkEventData, nearestEventType } from '../../src/domain/catalog.ts';
import { isOperationalType } from '../../src/domain/operational-events.ts';

const entries = Object.entries(catalog);

describe('catalog', () => {
  test('has the nine types, of which only agent.step is verbose', () => {
    const own = entries.map(([type]) => type).filter((type) => !isOperationalType(type));
    expect(own.toSorted()).toEqual([
      'agent.step',
      'cost.threshold_exceeded',
      'import.completed',
      'review.completed',
      'session.archived',
      'session.created',
      'session.finished',
      'tool.called',
      'tool.error',
    ]);
    expect(entries.filter(([, { isVerbose }]) => isVerbose).map(([type]) => type)).toEqual([
      'agent.step',
    ]);
  });

  test('has the types of what the platform says of itself', () => {
    expect(entries.map(([type]) => type).filter(isOperationalType)).toEqual([
      'endpoint.failing',
      'endpoint.recovered',
      'endpoint.disabled',
    ]);
  });

  test.each(entries)('the example of %s is valid, and needs each of its fields', (type, entry) => {
    expect(checkEventData(type, entry.example)).toEqual({ isValid: true });
    for (const field of Object.keys(entry.example)) {
      const partial = Object.fromEntries(
        Object.entries(entry.example).filter(([name]) => name !== field),
      );
      expect(checkEventData(type, partial)).toMatchObject({
        code: 'invalid-request',
        errors: [{ pointer: `/data/${field}` }],
      });
    }
  });
});

describe('checkEventData()', () => {
  test('lets further fields through', () => {
    const data = { session_id: 'ses_1', extra: [1] };
    expect(checkEventData('session.archived', data)).toEqual({ isValid: true });
  });

  test.each([
    ['confidence', 1.01],
    ['confidence', -0.01],
    ['action', ''],
    ['session_id', 7],
  ])('refuses an agent.step whose %s is %j', (field, value) => {
    const data = { ...catalog['agent.step'].example, [field]: value };
    expect(checkEventData('agent.step', data)).toMatchObject({
      errors: [{ pointer: `/data/${field}` }],
    });
  });

  test('takes any object under custom.*, and no list', () => {
    expect(checkEventData('custom.deploy.done', { any: 1 })).toEqual({ isValid: true });
    expect(checkEventData('custom.deploy.done', [1])).toMatchObject({ isValid: false });
  });

  test.each(['session.finish', 'custom.', 'toString', 'constructor'])(
    'refuses type "%s"',
    (type) => {
      expect(checkEventData(type, {})).toMatchObject({ code: 'unknown-event-type' });
    },
  );
});

describe('nearestEventType()', () => {
  test('knows what was meant', () => {
    expect(nearestEventType('session.finish')).toBe('session.finished');
    expect(nearestEventType('payment.refunded')).toBeUndefined();
  });
});
