import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { readEncrypt, readMessage } from '../../../server/channels/wecom-message.ts';

const one = 'AAAA';
const xmlEnvelope = (ciphertext: string) => `<xml><Encrypt>${ciphertext}</Encrypt></xml>`;
const hash = (content: string) => `sha256:${createHash('sha256').update(content).digest('hex')}`;

describe('readEncrypt()', () => {
  test.each([
    ['no Encrypt', '<xml><A/></xml>', 'encryption_required'],
    ['an empty Encrypt', xmlEnvelope(''), 'encryption_required'],
    ['an Encrypt deeper', `<xml><a>${xmlEnvelope(one)}</a></xml>`, 'encryption_required'],
    ['two Encrypt', `<xml><Encrypt>${one}</Encrypt><Encrypt/></xml>`, 'malformed_body'],
    ['elements in Encrypt', `<xml><Encrypt><a>${one}</a></Encrypt></xml>`, 'malformed_body'],
    ['a DOCTYPE', `<!DOCTYPE xml>${xmlEnvelope(one)}`, 'malformed_body'],
    ['two roots', `${xmlEnvelope(one)}<xml/>`, 'malformed_body'],
    ['text', one, 'malformed_body'],
    ['nothing', '', 'malformed_body'],
    ['JSON of another name', JSON.stringify({ Encrypt: one }), 'encryption_required'],
    ['a list in JSON', JSON.stringify({ encrypt: [one] }), 'malformed_body'],
    ['JSON that is cut', `{"encrypt":"${one}"`, 'malformed_body'],
  ])('refuses %s', (_, body, reason) => {
    expect(readEncrypt(Buffer.from(body))).toMatchObject({ kind: 'rejected', reason });
  });

  test('takes 100,000 values, and parses none of more: whoever sends them has proven nothing', () => {
    const crowded = (count: number) => `{"encrypt":"${one},[{","a":[0${',0'.repeat(count - 3)}]}`;
    expect(readEncrypt(Buffer.from(crowded(100_000)))).toBe(`${one},[{`);
    expect(readEncrypt(Buffer.from(crowded(100_001)))).toMatchObject({ reason: 'malformed_body' });
  });

  test('takes what those differ from by one thing', () => {
    const element = `<Encrypt>${one}</Encrypt>`;
    for (const body of [
      xmlEnvelope(one),
      `<a><A/>${element}</a>`,
      JSON.stringify({ encrypt: one }),
    ]) {
      expect(readEncrypt(Buffer.from(body))).toBe(one);
    }
  });
});

describe('readMessage()', () => {
  test.each([
    ['<xml><MsgType>event</MsgType><Event>enter_agent</Event></xml>', 'event.enter_agent', null],
    [
      '<xml><MsgType>event</MsgType><Event>change_contact</Event><ChangeType>create_user</ChangeType></xml>',
      'event.change_contact.create_user',
      null,
    ],
    ['<xml><MsgType>text</MsgType><MsgId/></xml>', 'message.text', null],
    ['<xml><MsgType>text</MsgType><MsgId>1</MsgId><MsgId>2</MsgId></xml>', 'message.text', null],
    ['<xml><InfoType>suite_ticket</InfoType></xml>', 'suite.suite_ticket', null],
    ['<xml><MsgType>text</MsgType><InfoType>x</InfoType></xml>', 'message.text', null],
    ['{"msgtype":"text","msgid":"m1"}', 'message.text', 'm1'],
    ['{"msgtype":"event","event":{"eventtype":"enter_chat"},"msgid":7}', 'event.enter_chat', null],
  ])('reads type and id of %s', (message, type, id) => {
    expect(readMessage(Buffer.from(message))).toMatchObject({
      type,
      dedupeId: id ?? hash(message),
    });
  });

  test.each([
    ['<xml><A/></xml>', 'event_type_missing'],
    ['<xml><MsgType/><InfoType>x</InfoType></xml>', 'event_type_missing'],
    ['<xml><MsgType>text</MsgType><MsgType>text</MsgType></xml>', 'event_type_missing'],
    ['<xml><MsgType>a b</MsgType></xml>', 'event_type_missing'],
    ['<xml><MsgType>event</MsgType></xml>', 'event_type_missing'],
    ['<xml><MsgType>event</MsgType><Event/></xml>', 'event_type_missing'],
    ['<xml><MsgType>event</MsgType><Event>a</Event><ChangeType/></xml>', 'event_type_missing'],
    ['{"msgtype":"event","event":"enter_chat"}', 'event_type_missing'],
    ['{"msgtype":["text"]}', 'event_type_missing'],
    ['{"MsgType":"text"}', 'event_type_missing'],
    ['hello', 'malformed_body'],
    ['<!DOCTYPE xml><xml><MsgType>text</MsgType></xml>', 'malformed_body'],
    ['{"msgtype":"text"', 'malformed_body'],
  ])('refuses the message %s', (message, reason) => {
    expect(readMessage(Buffer.from(message))).toMatchObject({ kind: 'rejected', reason });
  });

  test('takes no id that a database cannot hold', () => {
    for (const msgid of ['\0', 'a'.repeat(257)]) {
      const message = JSON.stringify({ msgtype: 'text', msgid });
      expect(readMessage(Buffer.from(message))).toMatchObject({ dedupeId: hash(message) });
    }
  });
});
