import { describe, expect, test } from 'vitest';
import { isFormType, isJsonType, payloadOf } from '../../src/runtime/body.ts';

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
