import { randomBytes } from 'node:crypto';
import { isObject } from '../body.ts';
import type { JsonObject } from '../body.ts';
import { encryptLark, larkSignature } from '../lark-crypto.ts';
import type { Sample } from '../samples.ts';
import { secretOf } from './sender.ts';
import type { Sender, SignedRequest, Stamp } from './sender.ts';

/**
 * Feishu / Lark: encrypted and signed with an Encrypt Key, else plain with the Verification Token.
 *
 * The sample `url_verification` is what the console sends to prove an address: it is never signed.
 */
export const lark: Sender = (sample, settings, stamp) => {
  const { encrypt_key: key, verification_token: token } = settings.secrets;
  const json = readObject(sample);
  if (settings.mode === 'platform') return post(stamped(json, stamp, undefined));
  // Without an Encrypt Key nothing but the token proves anything.
  const carried = key === undefined ? secretOf(settings, 'verification_token') : token;
  const plain = stamped(json, stamp, carried);
  if (key === undefined) return post(plain);
  const body = Buffer.from(JSON.stringify({ encrypt: encryptLark(key, plain) }));
  return isChallenge(json) ? post(body) : post(body, signatureHeaders(key, body, stamp));
};

function post(body: Buffer, headers: SignedRequest['headers'] = {}): SignedRequest {
  return {
    method: 'POST',
    query: '',
    headers: {
      'User-Agent': 'Go-http-client/1.1',
      'Content-Type': 'application/json;charset=utf-8',
      ...headers,
    },
    body,
  };
}

function signatureHeaders(key: string, body: Buffer, { now }: Stamp): SignedRequest['headers'] {
  const timestamp = String(Math.floor(now.getTime() / 1000));
  const nonce = randomBytes(8).toString('hex');
  return {
    'X-Lark-Request-Timestamp': timestamp,
    'X-Lark-Request-Nonce': nonce,
    'X-Lark-Signature': larkSignature(key, { timestamp, nonce, body }).toString('hex'),
  };
}

/** The body with the delivery id and the token at the places of its version. */
function stamped(json: JsonObject, { deliveryId }: Stamp, token: string | undefined): Buffer {
  const carried = token === undefined ? {} : { token };
  return Buffer.from(JSON.stringify({ ...json, ...fieldsFor(json, deliveryId, carried) }));
}

function fieldsFor(json: JsonObject, id: string, carried: { token?: string }): JsonObject {
  const { header } = json;
  if (isChallenge(json)) return carried;
  if (!isObject(header)) return { uuid: id, ...carried };
  return { header: { ...header, event_id: id, ...carried } };
}

function isChallenge(json: JsonObject): boolean {
  return json['type'] === 'url_verification';
}

function readObject({ name, body }: Sample): JsonObject {
  const json: unknown = JSON.parse(body.toString('utf8'));
  if (isObject(json)) return json;
  throw new Error(`Cannot sign sample "${name}": it is no JSON object`);
}
