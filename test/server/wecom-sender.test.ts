import { decrypt, encrypt, getSignature } from '@wecom/crypto';
import { describe, expect, test } from 'vitest';
import { wecom } from '../../server/channels/wecom.ts';
import type { Integration, RawRequest } from '../../src/domain/channel.ts';
import { listSamples, readSample } from '../../src/runtime/samples.ts';
import type { Sample } from '../../src/runtime/samples.ts';
import type { SenderSettings } from '../../src/runtime/senders/sender.ts';
import { wecom as sender } from '../../src/runtime/senders/wecom.ts';
import { encryptWecom, signWecom } from '../../src/runtime/wecom-crypto.ts';
import { bareIntegration } from '../support/integration.ts';

const now = new Date('2026-06-01T12:00:00.500Z');
const timestamp = String(Math.floor(now.getTime() / 1000));
const corp = 'ww35cd3ebd3343581b';
const newKey = 'g3I5L0Pqxsr/HoMLV6opsChp2SkDCZ+azlnOTcfiu4o';

describe('the sender of wecom', () => {
  const settings: SenderSettings = {
    mode: 'native',
    scheme: null,
    secrets: { token: 'new', aes_key: newKey },
    username: null,
    receiveId: corp,
  };
  const integration: Integration = {
    ...bareIntegration,
    channel: 'wecom',
    mode: 'native',
    receiveId: corp,
    toleranceS: 0,
    secrets: Object.entries(settings.secrets).map(([kind, value]) => ({
      id: `sec_${kind}`,
      kind,
      value,
      expiresAt: null,
    })),
  };
  const receive = (request: RawRequest) =>
    wecom.receive(request, integration, { now, toleranceS: 0 });
  const botTypes = new Map([
    ['text', 'message.text'],
    ['event', 'event.enter_chat'],
  ]);
  const stamp = { now, deliveryId: 'd-1' };
  /** With the id that is made of `d-1`, where it has one. */
  const stamped = ({ body }: Sample): Buffer =>
    Buffer.from(
      body
        .toString()
        .replace(
          /(<MsgId>|"msgid": ")[^<"]+/,
          (_, before: string) => before + '261439196723010902',
        ),
    );
  const asReceived = ({ headers, ...rest }: ReturnType<typeof sender>): RawRequest => ({
    ...rest,
    headers: Object.entries(headers),
  });

  test('every sample is accepted as sent', async () => {
    const names = await listSamples('wecom');
    expect(names.length).toBeGreaterThan(10);
    for (const name of names.filter((other) => other !== 'echostr')) {
      const sample = await readSample('wecom', name);
      const type = name.replace(
        /^bot\.(text|event)$/,
        (_, kind: string) => botTypes.get(kind) ?? '',
      );
      const received = receive(asReceived(sender(sample, settings, stamp)));
      expect(received).toMatchObject({ kind: 'event', type, body: stamped(sample) });
    }
  });

  test('the sample "echostr" is the check of the URL', async () => {
    const sample = await readSample('wecom', 'echostr');
    const received = receive(asReceived(sender(sample, settings, stamp)));
    expect(received).toMatchObject({ kind: 'handshake', reply: '5927782489442352469' });
    const relayed = { ...settings, mode: 'platform' } as const;
    expect(() => sender(sample, relayed, stamp)).toThrow('the relay answers it itself');
  });

  test.each([
    ['message.text', /<Encrypt><!\[CDATA\[(.*)\]\]>/],
    ['bot.text', /^\{"encrypt":"(.*)"\}$/],
  ])('makes of %s what the vendor’s library opens', async (name, envelope) => {
    const sample = await readSample('wecom', name);
    const { query, body } = sender(sample, settings, stamp);
    const [, ciphertext = ''] = envelope.exec(body.toString()) ?? [];
    const sent = new URLSearchParams(query);
    const at = sent.get('timestamp') ?? '';
    const nonce = sent.get('nonce') ?? '';
    expect(sent.get('msg_signature')).toBe(getSignature('new', at, nonce, ciphertext));
    expect(decrypt(newKey, ciphertext)).toMatchObject({
      message: stamped(sample).toString(),
      id: corp,
    });
  });

  test('makes what the vendor’s library makes', () => {
    const random = Buffer.alloc(16, 7);
    for (const message of ['', 'a'.repeat(12), '中文']) {
      const parts = { message: Buffer.from(message), receiveId: Buffer.from(corp) };
      const ciphertext = encryptWecom(newKey, parts, random);
      expect(ciphertext).toBe(encrypt(newKey, message, corp, random));
      const content = { timestamp, nonce: '1', encrypt: ciphertext };
      const signature = signWecom('new', content).toString('hex');
      expect(signature).toBe(getSignature('new', timestamp, '1', ciphertext));
    }
  });

  test('sends the same again for the same delivery id, and a plain message behind a relay', async () => {
    const sample = await readSample('wecom', 'message.text');
    expect(sender(sample, settings, stamp)).toEqual(sender(sample, settings, stamp));
    const relayed = sender(sample, { ...settings, mode: 'platform' }, stamp);
    expect(relayed).toMatchObject({ method: 'POST', query: '', body: stamped(sample) });
  });

  test.each(['message.text', 'bot.text', 'bot.event'])(
    'puts an id of its own into %s, so that each one sent is an event',
    async (name) => {
      const sample = await readSample('wecom', name);
      const send = (deliveryId: string) => sender(sample, settings, { now, deliveryId });
      const [first, second] = [send('d-1'), send('d-2')].map((sent) => receive(asReceived(sent)));
      expect(first).toMatchObject({ kind: 'event', dedupeId: send('d-1').dedupeId });
      expect(second).toMatchObject({ kind: 'event', dedupeId: send('d-2').dedupeId });
      expect(send('d-1').dedupeId).toMatch(/^\d{1,19}$/);
      expect(send('d-1').dedupeId).not.toBe(send('d-2').dedupeId);
    },
  );

  test('leaves a message as it is that has no id', async () => {
    const sample = await readSample('wecom', 'event.enter_agent');
    expect(sender(sample, settings, stamp).dedupeId).toBeUndefined();
    expect(receive(asReceived(sender(sample, settings, stamp)))).toMatchObject({
      dedupeId: expect.stringMatching(/^sha256:/) as string,
      body: sample.body,
    });
  });

  test('names a key that is none, without telling it', async () => {
    const sample = await readSample('wecom', 'message.text');
    const wrong = { ...settings, secrets: { token: 'new', aes_key: 'short' } };
    expect(() => sender(sample, wrong, stamp)).toThrow(/^Cannot encrypt: [^]*43 characters/);
  });
});
