import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  exceedsSigns,
  formFields,
  isFormType,
  isJsonType,
  itemsOf,
  payloadOf,
  signsMax,
} from '../../src/runtime/body.ts';
import { readSample } from '../../src/runtime/samples.ts';

const json = 'application/json';
const form = 'application/x-www-form-urlencoded';

describe('isJsonType()', () => {
  test.each([
    ['application/json', 'application/jsonp'],
    ['application/json; charset=utf-8', 'text/json'],
    ['Application/vnd.github+JSON', 'application/vnd.github'],
  ])('"%s" is, "%s" is not', (good, bad) => {
    expect(isJsonType(good)).toBe(true);
    expect(isJsonType(bad)).toBe(false);
    expect(isJsonType(null)).toBe(false);
  });
});

describe('isFormType()', () => {
  test.each([
    [form, 'multipart/form-data'],
    [`${form};charset=UTF-8`, `${form}x`],
  ])('"%s" is, "%s" is not', (good, bad) => {
    expect(isFormType(good)).toBe(true);
    expect(isFormType(bad)).toBe(false);
  });
});

describe('itemsOf()', () => {
  test.each([
    [
      'a=1&b=2',
      [
        ['a', '1'],
        ['b', '2'],
      ],
    ],
    [
      'a&=b&c==d&',
      [
        ['a', ''],
        ['', 'b'],
        ['c', '=d'],
        ['', ''],
      ],
    ],
    ['%61=%3D+', [['%61', '%3D+']]],
    ['', [['', '']]],
  ])('of "%s" are undecoded, in order', (text, items) => {
    expect([...itemsOf(text)]).toEqual(items);
  });
});

describe('formFields()', () => {
  test('finds a name however it is escaped, and decodes the value', () => {
    const found = (text: string) => formFields(Buffer.from(text), 'payload').map(String);
    expect(found('payloa=1&payload=a+b%2B%zz&payloads=2')).toEqual(['a b+%zz']);
    expect(found('p%61%79load=x&PAYLOAD=y&pa%2579load=z&+payload=1')).toEqual(['x']);
    expect(found('payload')).toEqual(['']);
    expect(found('payload=a=b')).toEqual(['a=b']);
    expect(found('%4Fpayload=1&p%4Cayload=1')).toEqual([]);
  });

  test('looks no further than the second', () => {
    expect(formFields(Buffer.from('payload=&'.repeat(9)), 'payload')).toHaveLength(2);
  });

  test('takes the time that reading takes, whatever stands between', () => {
    const hostile = ['&', 'a&', '=&', '%61234567&', '%70%61%79%6c%6f%61%65&', '+'];
    for (const filler of hostile) {
      const body = Buffer.alloc(1_000_000, filler);
      const begin = performance.now();
      formFields(Buffer.concat([Buffer.from('payload={}'), body]), 'payload');
      const isQuick = performance.now() - begin < 500;
      expect({ filler, isQuick }).toEqual({ filler, isQuick: true });
    }
  });
});

describe('exceedsSigns()', () => {
  test.each([
    ['[1,{"a":1}]', 3],
    ['{"a":"[,{\\\"[,{","b":[]}', 3],
    ['"\\\\",', 1],
  ])('counts in %s what makes values: %d', (text, count) => {
    expect(exceedsSigns(Buffer.from(text), count)).toBe(false);
    expect(exceedsSigns(Buffer.from(text), count - 1)).toBe(true);
  });
});

describe('signsMax', () => {
  test.each(['github', 'gitlab', 'gitee'] as const)(
    'is above 25 MiB of the commits of a push at %s',
    async (channel) => {
      const { body } = await readSample(channel, 'push');
      const pushed: unknown = JSON.parse(body.toString());
      const { commits } = z.object({ commits: z.array(z.unknown()).min(1) }).parse(pushed);
      const large = Buffer.alloc(26_214_400, `${JSON.stringify(commits[0])},`);
      expect(exceedsSigns(large, signsMax)).toBe(false);
    },
  );
});

const seen = (body: Buffer, contentType: string | null): unknown =>
  payloadOf({ source: 'generic', body, contentType });

describe('payloadOf()', () => {
  test.each<[string, string, string | null, unknown]>([
    ['JSON', '{"a":[1]}', json, { a: [1] }],
    ['JSON with a BOM', '\uFEFF{"a":1}', json, { a: 1 }],
    ['JSON that is broken', '{"a":', json, '{"a":'],
    ['nothing that was declared JSON', '', json, ''],
    ['JSON that was not declared', '{"a":1}', 'text/plain', '{"a":1}'],
    ['a body without a type', '{"a":1}', null, '{"a":1}'],
    ['a form with a payload', 'x=1&payload=%7B%22a%22%3A%22b+c%22%7D', form, { a: 'b c' }],
    ['a form without', 'x=1', form, 'x=1'],
    ['a form whose payload is no JSON', 'payload=a%zz', form, 'a%zz'],
  ])('of %s', (_, ...[text, type, value]) => {
    expect(seen(Buffer.from(text), type)).toEqual(value);
  });

  test('of a form is text when its payload would be too many values', () => {
    const text = `payload=[${'0,'.repeat(1_500_000)}0]`;
    expect(seen(Buffer.from(text), form)).toMatch(/^\[0,0,/);
  });

  test('of bytes that are no text is null', () => {
    expect(seen(Buffer.from([0xff, 0xfe]), json)).toBeNull();
    expect(seen(Buffer.from('payload=%ff'), form)).toBeNull();
  });

  test.each([
    ['XML', '<xml><A>1</A></xml>', { A: '1' }],
    ['JSON', '{"a":1}', { a: 1 }],
    ['neither', '<xml>', '<xml>'],
  ])('of a WeCom message in %s, whatever it was declared', (_, text, value) => {
    const body = Buffer.from(text);
    expect(payloadOf({ source: 'wecom', body, contentType: form })).toEqual(value);
    expect(seen(body, 'application/xml')).toBe(text);
  });

  test('a "__proto__" of JSON is a key as any other', () => {
    const value = seen(Buffer.from('{"__proto__":{"admin":true}}'), json);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  });
});
