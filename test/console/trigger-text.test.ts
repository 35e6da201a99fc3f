import { describe, expect, test } from 'vitest';
import { askedEventsIn } from '../../console/pages/trigger-editor/patterns.ts';
import { choicesAt } from '../../console/pages/trigger-editor/schema-choices.ts';
import { yamlPlaceAt } from '../../console/pages/trigger-editor/yaml-place.ts';

/** What the editor of triggers makes of a text that is being typed; `|` is where the cursor stands. */
function placeAt(marked: string): string | undefined {
  const offset = marked.indexOf('|');
  const text = marked.replace('|', '');
  const place = yamlPlaceAt(text, offset);
  if (place === undefined) return undefined;
  const word = text.slice(place.from, offset);
  return `${place.kind} ${place.path.join('/')}${word === '' ? '' : ` "${word}"`}`;
}

describe('yamlPlaceAt()', () => {
  test.each([
    ['|', 'key '],
    ['tri|', 'key  "tri"'],
    ['trigger: a\nmo|', 'key  "mo"'],
    ['mode: sh|', 'value mode "sh"'],
    ['do:\n  wor|', 'key do "wor"'],
    ['do:\n  workflow: a\n  wi|', 'key do "wi"'],
    ['do:\n  workflow: a\n\n# a remark\n|', 'key '],
    ['do:\n  with:\n    a: 1\n  |', 'key do'],
    ['on: { source: github, ev|', 'key on "ev"'],
    ['on: { source: gi|', 'value on/source "gi"'],
    ['on: { source: "a, b", events: [pull|', 'value on/events/- "pull"'],
    ['on: { all: [{ source: a }, { s|', 'key on/all/- "s"'],
    ['concurrency: { limit: 1 }\nmo|', 'key  "mo"'],
    ['on:\n  - source: github\n    ev|', 'key on/- "ev"'],
    ['on:\n- source: github\n- so|', 'key on/- "so"'],
    ['on:\n  all:\n    - source: a\n      as: b\n    - |', 'key on/all/-'],
    ['on:\n  source: github\n  events:\n    - pu|', 'key on/events/- "pu"'],
    ['tests:\n  - name: a\n    expect: { fi|', 'key tests/-/expect "fi"'],
  ])('%j is %s', (marked, place) => {
    expect(placeAt(marked)).toBe(place);
  });

  test.each([
    ['# mo|', 'a comment'],
    ["when: 'body.|", 'quotes'],
    ['when: |\n  body.a'.replace('|', '>') + '|', 'a text of many lines'],
  ])('nothing is offered in %j, %s', (marked) => {
    expect(placeAt(marked)).toBeUndefined();
  });
});

describe('choicesAt()', () => {
  const schema = {
    $ref: '#/$defs/trigger',
    $defs: {
      trigger: {
        properties: {
          mode: { description: 'Whether it acts', enum: ['active', 'shadow'] },
          on: { anyOf: [{ $ref: '#/$defs/pattern' }, { items: { $ref: '#/$defs/pattern' } }] },
        },
      },
      pattern: { description: 'Which events', properties: { source: { const: 'github' } } },
    },
  };
  const labels = (kind: 'key' | 'value', ...path: string[]): string[] =>
    choicesAt(schema, { kind, path, from: 0 }).map(({ label }) => label);

  test('the keys of a map, with what the schema says of them', () => {
    expect(choicesAt(schema, { kind: 'key', path: [], from: 0 })).toEqual([
      { label: 'mode', about: 'Whether it acts' },
      { label: 'on', about: 'Which events' },
    ]);
  });

  test('through references, alternatives and lists', () => {
    expect(labels('key', 'on')).toEqual(['source']);
    expect(labels('key', 'on', '-')).toEqual(['source']);
  });

  test('the values that are named', () => {
    expect(labels('value', 'mode')).toEqual(['active', 'shadow']);
    expect(labels('value', 'on', 'source')).toEqual(['github']);
  });

  test('nothing of what it does not know', () => {
    expect(labels('key', 'other', '-')).toEqual([]);
    expect(choicesAt(undefined, { kind: 'key', path: ['a'], from: 0 })).toEqual([]);
  });
});

describe('askedEventsIn()', () => {
  test.each([
    ['on: { source: github, events: [push, "issues.*"] }', ['github push', 'github issues.*']],
    ['on:\n  source: gitlab\n  events:\n    - note\n    - push\n', ['gitlab note', 'gitlab push']],
    ["on: { source: events, events: ['*'] }", ['platform undefined']],
    ['on:\n  - { source: a, events: [b] }\n  - { source: c, events: [d] }', ['a b', 'c d']],
    ['on: { source: git', []],
  ])('of %j', (text, asked) => {
    expect(askedEventsIn(text).map(({ source, type }) => `${source} ${type}`)).toEqual(asked);
  });
});
