import { describe, expect, test } from 'vitest';
import { triggerJsonSchema } from '../../src/runtime/trigger-json-schema.ts';

describe('docs/trigger.schema.json', () => {
  test('is what triggers are checked by; vitest --update brings it up to date', async () => {
    const text = `${JSON.stringify(triggerJsonSchema(), null, 2)}\n`;
    await expect(text).toMatchFileSnapshot('../../docs/trigger.schema.json');
  });
});

describe('triggerJsonSchema()', () => {
  test('describes every key', () => {
    expect(keysWithoutDescription(triggerJsonSchema(), [])).toEqual([]);
  });
});

/** The paths of the keys of which an editor could say nothing. */
function keysWithoutDescription(schema: unknown, path: readonly string[]): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  return Object.entries(schema).flatMap(([name, value]) => {
    const below = keysWithoutDescription(value, [...path, name]);
    if (name !== 'properties') return below;
    const bare = Object.entries(Object(value))
      .filter(([, one]) => !Object.hasOwn(Object(one), 'description'))
      .map(([key]) => [...path, key].join('.'));
    return [...bare, ...below];
  });
}
