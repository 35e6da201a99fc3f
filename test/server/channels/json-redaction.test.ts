import { describe, expect, test } from 'vitest';
import { redactJson } from '../../../server/channels/json-redaction.ts';

const paths = [['token'], ['header', 'token']];
const redact = (text: string) => redactJson(Buffer.from(text), paths).toString();

describe('redactJson()', () => {
  test.each([
    ['a string', '{"token":"a","b":1}', '{"token":"***","b":1}'],
    ['an empty string', '{"token":""}', '{"token":"***"}'],
    ['a string with escaped quotes', '{"token":"a\\"b\\\\","c":2}', '{"token":"***","c":2}'],
    ['a string with brackets', '{"token":"}],{","c":2}', '{"token":"***","c":2}'],
    ['a number', '{"token":-1.5e3}', '{"token":"***"}'],
    ['null', '{"token":null,"a":null}', '{"token":"***","a":null}'],
    ['an object', '{"token":{"a":{"b":"}"}},"c":1}', '{"token":"***","c":1}'],
    ['an array', '{"token":[{"a":"]"},["b"]],"c":1}', '{"token":"***","c":1}'],
    ['a value in the header', '{"header":{"x":1,"token":"a"}}', '{"header":{"x":1,"token":"***"}}'],
    ['both', '{"header":{"token":1},"token":2}', '{"header":{"token":"***"},"token":"***"}'],
    ['every duplicate', '{"token":"a","token":"b"}', '{"token":"***","token":"***"}'],
    [
      'the value in every duplicate of the header',
      '{"header":{"token":"a"},"header":{"token":"b"}}',
      '{"header":{"token":"***"},"header":{"token":"***"}}',
    ],
    ['what has an escaped key', '{"\\u0074ok\\u0065n":"a"}', '{"\\u0074ok\\u0065n":"***"}'],
    [
      'what is in an escaped header',
      '{"\\u0068eader":{"token":1}}',
      '{"\\u0068eader":{"token":"***"}}',
    ],
    ['a value named like the key', '{"token":"token"}', '{"token":"***"}'],
    ['a value between blanks', '{\n "token" :\t"a"\r\n}', '{\n "token" :\t"***"\r\n}'],
    ['a value behind a BOM', '\uFEFF{"token":"a"}', '\uFEFF{"token":"***"}'],
  ])('replaces %s', (_, text, redacted) => {
    expect(redact(text)).toBe(redacted);
  });

  test.each([
    ['a value of that name', '{"a":"token","b":"x"}'],
    ['a longer or shorter key', '{"tokens":"a","toke":"b"," token":"c"}'],
    ['a key of another case', '{"Token":"a"}'],
    ['a key deeper down', '{"event":{"token":"c-1"},"header":{"a":{"token":"b"}}}'],
    ['a key in a list', '{"header":[{"token":"a"}]}'],
    ['a list of roots', '[{"token":"a"}]'],
    ['a header that is a text', '{"header":"token"}'],
    ['the text of JSON', '{"content":"{\\"token\\":\\"a\\"}"}'],
    [
      'numbers beyond 2^53, spellings and order',
      '{"b":12345678901234567890,"a":1.0e0,"c":"\\u00e9é"}',
    ],
    ['no JSON', 'token=a&b="c'],
    ['nothing', ''],
  ])('leaves %s', (_, text) => {
    expect(redact(text)).toBe(text);
  });

  test.each([
    ['an open string', '{"token":"abc', '{"token":"***"'],
    ['a string that ends in a backslash', '{"token":"abc\\', '{"token":"***"'],
    ['an open object', '{"token":{"a":"b"', '{"token":"***"'],
    ['an open list in the header', '{"header":{"token":["b",', '{"header":{"token":"***"'],
    ['two values', '{"token":"a" "b","c":1}', '{"token":"***","c":1}'],
    ['no colon', '{"token" "a"}', '{"token" "***"}'],
    ['a key without quotes', '{token:"a"}', '{token:"***"}'],
    ['no value', '{"token":,"a":{"token":}', '{"token":,"a":{"token":}'],
    ['a broken value in front', '{"a":[},"token":"b"}', '{"a":[},"token":"***"}'],
    ['no first value', '{,,"token":"b"}', '{,,"token":"***"}'],
    ['another root in front', '}x{"a":1}{"token":"b"}', '}x{"a":1}{"token":"***"}'],
    ['a cut escape in a key', '{"\\u00":1,"token":"b"}', '{"\\u00":1,"token":"***"}'],
  ])('of no JSON replaces what it can read: %s', (_, text, redacted) => {
    expect(redact(text)).toBe(redacted);
  });

  test('keeps bytes that are not UTF-8', () => {
    const bytes = (value: string) => Buffer.from(`{"a":"\xFF\xA0","token":${value}}`, 'latin1');
    expect(redactJson(bytes('"\xFE"'), paths)).toEqual(bytes('"***"'));
  });

  test('replaces the outer value where one path begins another', () => {
    const nested = redactJson(Buffer.from('{"a":{"b":1},"c":2}'), [['a', 'b'], ['a']]);
    expect(nested.toString()).toBe('{"a":"***","c":2}');
  });

  test('keeps JSON the same but for the values, however it is written', () => {
    const value = { header: { token: 'x', deep: [{ token: 'y' }] }, 'a"b\\': '\\"', token: [1] };
    const kept = { ...value, header: { ...value.header, token: '***' }, token: '***' };
    for (const indent of [undefined, 1, '\t']) {
      expect(redact(JSON.stringify(value, null, indent))).toBe(JSON.stringify(kept, null, indent));
    }
  });

  // The largest body there is: seconds. What is not linear in it would take hours.
  const size = 25 * 1_048_576;
  test.each([
    ['one string', `{"a":"${'x'.repeat(size)}`],
    ['open lists', '['.repeat(size)],
    ['open objects', '{"a":'.repeat(size / 5)],
    ['open strings', '{"token":"'.padEnd(size, '\\')],
    ['short members', '{"token":1,'.padEnd(size, '"token":1,')],
  ])('is done with 25 MiB of %s at once', (_, text) => {
    const bytes = Buffer.from(text);
    const began = process.cpuUsage();
    redactJson(bytes, paths);
    expect(process.cpuUsage(began).user / 1000).toBeLessThan(30_000);
  });
});
