import { createHash } from 'node:crypto';
import { encryptWecom, signWecom } from '../wecom-crypto.ts';
import { secretOf } from './sender.ts';
import type { Sender, SenderSettings, SignedRequest, Stamp } from './sender.ts';
import type { Sample } from '../samples.ts';

/**
 * WeCom: the sample is encrypted and sent in an envelope; `echostr` is the check of the URL.
 *
 * WeCom's delivery id is a number within the message. It is made of ours, and so is what is random
 * on the wire: the same id sends the same request again.
 */
export const wecom: Sender = (sample, settings, stamp) => {
  const { body, ...id } = withMessageId(sample, stamp);
  return { ...requestOf({ ...sample, body }, settings, stamp), ...id };
};

/** The message with an id of its own, where it has one: the sample's own is a duplicate the second time. */
function withMessageId(
  { body }: Sample,
  { deliveryId }: Stamp,
): Pick<SignedRequest, 'body' | 'dedupeId'> {
  const text = body.toString();
  // A positive number of 64 bits: what the documentation says of `MsgId`.
  const dedupeId = String(createHash('sha256').update(deliveryId).digest().readBigUInt64BE() >> 1n);
  const stamped = text.replace(
    /(<MsgId>|"msgid": ")[^<"]+/,
    (_, before: string) => before + dedupeId,
  );
  return stamped === text ? { body } : { body: Buffer.from(stamped), dedupeId };
}

function requestOf(sample: Sample, settings: SenderSettings, stamp: Stamp): SignedRequest {
  if (settings.mode === 'platform') return relayed(sample);
  const { encrypt, query } = seal(sample.body, settings, stamp);
  const headers = { 'User-Agent': 'Mozilla/4.0' };
  if (sample.name === 'echostr') {
    const checked = `${query}&echostr=${encodeURIComponent(encrypt)}`;
    return { method: 'GET', query: checked, headers, body: Buffer.alloc(0) };
  }
  return isBot(sample)
    ? {
        method: 'POST',
        query,
        headers: { ...headers, 'Content-Type': 'application/json' },
        body: Buffer.from(JSON.stringify({ encrypt })),
      }
    : {
        method: 'POST',
        query,
        headers: { ...headers, 'Content-Type': 'text/xml' },
        body: Buffer.from(envelopeOf(encrypt, settings)),
      };
}

/** A relay hands on the decrypted message. It answers the check of the URL itself. */
function relayed({ name, contentType, body }: Sample): SignedRequest {
  if (name === 'echostr') {
    throw new Error('Cannot send sample "echostr" in mode "platform": the relay answers it itself');
  }
  return { method: 'POST', query: '', headers: { 'Content-Type': contentType }, body };
}

/** Intelligent bots speak JSON, everything else XML. */
function isBot({ contentType }: Sample): boolean {
  return contentType === 'application/json';
}

function seal(
  message: Buffer,
  settings: SenderSettings,
  { now, deliveryId }: Stamp,
): { readonly encrypt: string; readonly query: string } {
  const random = createHash('sha256').update(deliveryId).digest();
  const receiveId = Buffer.from(settings.receiveId ?? '');
  const encrypt = encryptWecom(secretOf(settings, 'aes_key'), { message, receiveId }, random);
  const timestamp = String(Math.floor(now.getTime() / 1000));
  const nonce = String(random.readUInt32BE(16));
  const signature = signWecom(secretOf(settings, 'token'), { timestamp, nonce, encrypt });
  const query = `msg_signature=${signature.toString('hex')}&timestamp=${timestamp}&nonce=${nonce}`;
  return { encrypt, query };
}

function envelopeOf(encrypt: string, { receiveId }: SenderSettings): string {
  const cdata = (text: string): string => `<![CDATA[${text}]]>`;
  return `<xml><ToUserName>${cdata(receiveId ?? '')}</ToUserName><Encrypt>${cdata(encrypt)}</Encrypt><AgentID></AgentID></xml>`;
}
