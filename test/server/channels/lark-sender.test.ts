import { describe, expect, test } from 'vitest';
import type { RawRequest } from '../../../src/domain/channel.ts';
import { listSamples, readSample } from '../../../src/runtime/samples.ts';
import { lark as sendLark } from '../../../src/runtime/senders/lark.ts';
import type { SignedRequest } from '../../../src/runtime/senders/sender.ts';
import { both, decrypt, keyOnly, now, nowS, receive, sha256, tokens } from './lark-oracle.ts';

function toRaw({ method, query, headers, body }: SignedRequest): RawRequest {
  return { method, query, headers: Object.entries(headers), body };
}

describe('the sender of lark', async () => {
  const names = await listSamples('lark');
  const settings = { mode: 'native', scheme: null, username: null, receiveId: null } as const;
  const stamp = { now, deliveryId: 'd-1' };
  const outcomeOf = (name: string) =>
    name === 'url_verification'
      ? { kind: 'handshake', reply: '{"challenge":"b9d10297-d562-4023-a28f-e28f06969090"}' }
      : { kind: 'event', type: name, dedupeId: 'd-1' };

  test.each(names)('sends %s in a form that is accepted', async (name) => {
    const sample = await readSample('lark', name);
    const held = [
      [{ encrypt_key: 'key-new', verification_token: 'tok-new' }, both],
      [{ encrypt_key: 'key-new' }, keyOnly],
      [{ verification_token: 'tok-new' }, tokens],
    ] as const;
    for (const [secrets, integration] of held) {
      const request = toRaw(sendLark(sample, { ...settings, secrets }, stamp));
      expect(receive(request, integration)).toMatchObject(outcomeOf(name));
    }
  });

  test.each(names)('encrypts and signs %s as Feishu documents it', async (name) => {
    const sample = await readSample('lark', name);
    const secrets = { encrypt_key: 'k', verification_token: 't' };
    const { headers, body } = sendLark(sample, { ...settings, secrets }, stamp);
    const { encrypt: encrypted } = JSON.parse(body.toString()) as { encrypt: string };
    const original = JSON.parse(sample.body.toString()) as { header?: object };
    const { header } = original;
    const stamped = header
      ? { ...original, header: { ...header, event_id: 'd-1', token: 't' } }
      : { ...original, token: 't', ...('uuid' in original && { uuid: 'd-1' }) };
    expect(JSON.parse(decrypt(encrypted, 'k'))).toEqual(stamped);
    const nonce = headers['X-Lark-Request-Nonce'] ?? '';
    const signature = sha256(String(nowS), nonce, 'k', body).toString('hex');
    expect(headers['X-Lark-Signature']).toBe(name === 'url_verification' ? undefined : signature);
  });

  test('hands on the plain envelope for a relay', async () => {
    const sample = await readSample('lark', 'message');
    const secrets = { platform: 'p' };
    const { headers, body } = sendLark(sample, { ...settings, mode: 'platform', secrets }, stamp);
    expect(JSON.parse(body.toString())).toMatchObject({ uuid: 'd-1', event: { type: 'message' } });
    expect(Object.keys(headers)).not.toContain('X-Lark-Signature');
  });

  test('says which secret is missing, and that a sample is no object', () => {
    const sample = { name: 'x', contentType: 'application/json', body: Buffer.from('{}') };
    const bare = { ...settings, secrets: {} };
    expect(() => sendLark(sample, bare, stamp)).toThrow(
      'Cannot sign: the secret "verification_token" is missing',
    );
    expect(() => sendLark({ ...sample, body: Buffer.from('[]') }, bare, stamp)).toThrow(
      'Cannot sign sample "x": it is no JSON object',
    );
  });
});
