import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gitee } from '../../../server/channels/gitee.ts';
import { formFields } from '../../../src/runtime/body.ts';
import { clock, form, passwordScheme, request } from './gitee-request.ts';
import type { Headers } from './gitee-request.ts';

describe('what is kept of a gitee body', () => {
  const keep = (content: string, headers: Headers = {}) => {
    const kept = gitee.redactBody?.(request(headers, Buffer.from(content)));
    return Buffer.from(kept ?? []).toString();
  };

  test.each([
    ['each password', '{"password":"a","password":["b"]}', '{"password":"***","password":"***"}'],
    ['an escaped key', '{"p\\u0061ssword":"a"}', '{"p\\u0061ssword":"***"}'],
    ['no deeper one', '{"a":{"password":"b"}}', '{"a":{"password":"b"}}'],
    ['no form in a text', '{"a":"&password=b&c="}', '{"a":"&password=b&c="}'],
    ['blanks and long numbers', ' {"id": 12345678901234567890 }', ' {"id": 12345678901234567890 }'],
  ])('has of JSON %s', (_, content, kept) => {
    expect(keep(content)).toBe(kept);
  });

  test.each([
    [
      'the password alone, with the escapes around it as they were',
      'a=%c3%BC&payload=%7b%22t%22:+%22a+b%22,"password"%3A%22x%22%2C%22u%22%3a1%7d&b',
      'a=%c3%BC&payload=%7b%22t%22:+%22a+b%22,"password"%3A%22***%22%2C%22u%22%3a1%7d&b',
    ],
    [
      'a number for a password as text',
      'p%61yload={"password":1}',
      'p%61yload={"password":%22***%22}',
    ],
    ['a field of that name', 'pass%77ord=x%26y&payload={}', 'pass%77ord=***&payload={}'],
    ['no other field', 'x={"password":"y"}&payload={}', 'x={"password":"y"}&payload={}'],
  ])('has of a form %s', (_, content, kept) => {
    expect(keep(content, form)).toBe(kept);
  });

  test.each<[string, Headers]>([
    ['a form', form],
    ['JSON', {}],
    ['text', { 'Content-Type': 'text/plain' }],
    ['two things', { 'content-type': 'text/plain' }],
  ])('has no password when it is declared %s', (_, headers) => {
    expect(keep('{"password":"s3cret"}', headers)).not.toContain('s3cret');
    expect(keep('payload=%7B%22password%22%3A%22s3cret%22%7D', headers)).not.toContain('s3cret');
  });

  test('decodes to the same but for the password, however it was escaped', () => {
    const escape = fc.constantFrom<(text: string) => string>(
      encodeURIComponent,
      (text) => encodeURIComponent(text).replaceAll('%20', '+'),
      (text) => text.replaceAll(/[%&+=]/g, encodeURIComponent),
    );
    fc.assert(
      fc.property(fc.string(), fc.string(), escape, (password, other, escapeText) => {
        const json = (value: string) =>
          JSON.stringify({ other, password: value, last: [{ password: other }] });
        const kept = keep(`payload=${escapeText(json(password))}`, form);
        const [field] = formFields(Buffer.from(kept), 'payload');
        expect(field?.toString()).toBe(json('***'));
      }),
    );
  });

  test('takes any bytes for a body', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.boolean(), (bytes, isForm) => {
        const sent = request(isForm ? form : {}, Buffer.from(bytes));
        expect(gitee.receive(sent, passwordScheme, clock).kind).toBe('rejected');
        expect(gitee.redactBody?.(sent)).toBeInstanceOf(Uint8Array);
      }),
    );
  });
});
