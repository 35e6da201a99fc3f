import type { Integration, RawRequest, Received, Rejection } from '../../src/domain/channel.ts';
import { decryptWecom, signWecom } from '../../src/runtime/wecom-crypto.ts';
import type { WecomSigned } from '../../src/runtime/wecom-crypto.ts';
import type { Channel, Clock } from './channel.ts';
import { verifyPlatform } from './platform-scheme.ts';
import { requireParameter } from './query-reader.ts';
import { isRejected, refuseEncoding, rejected, validSecrets } from './request-reader.ts';
import { matchSecrets, refuseMismatch } from './secret-match.ts';
import { refuseSeconds, refuseTime, skewOf } from './timestamp.ts';
import { readEncrypt, readMessage } from './wecom-message.ts';

/**
 * WeCom (企业微信): messages are encrypted, `msg_signature` in the query is the SHA-1 of token, time,
 * nonce and ciphertext. A GET checks the URL: its answer is the decrypted `echostr`.
 *
 * Source: WeCom developer docs, "回调配置" (path/90930) and "加解密方案说明" (path/90968).
 */
export const wecom: Channel = {
  methods: ['GET', 'POST'],
  // What stands in the body would be read as a reply to the user.
  reply: { contentType: 'text/plain', body: '' },
  receive,
};

/** What was inside, and the secrets that it was verified with. */
interface Opened {
  readonly message: Buffer;
  readonly secretIds: readonly string[];
}

/** What the query says; its form and time are checked. */
interface Query {
  readonly signature: Buffer;
  readonly timestamp: string;
  readonly nonce: string;
  /** Only of a GET. */
  readonly echostr?: string;
}

function receive(request: RawRequest, integration: Integration, clock: Clock): Received {
  if (integration.mode === 'platform') return receiveRelayed(request, integration, clock);
  const opened = open(request, integration, clock);
  if (isRejected(opened)) return opened;
  const { message, secretIds } = opened;
  if (request.method === 'GET') {
    return { kind: 'handshake', contentType: 'text/plain', reply: message.toString(), secretIds };
  }
  const read = refuseEncoding(request) ?? readMessage(message);
  return isRejected(read) ? read : { kind: 'event', ...read, body: message, secretIds };
}

/** A relay hands on the decrypted message. */
function receiveRelayed(request: RawRequest, integration: Integration, clock: Clock): Received {
  const verified = verifyPlatform(request, integration, clock);
  if (isRejected(verified)) return verified;
  const { body } = request;
  const read = refuseEncoding(request) ?? readMessage(body);
  if (isRejected(read)) return read;
  return { kind: 'event', ...read, body, secretIds: verified.secretIds };
}

/** Verify and decrypt; the first failure in the contract's order is the reason. */
function open(request: RawRequest, integration: Integration, clock: Clock): Opened | Rejection {
  const query = readQuery(request);
  if (isRejected(query)) return query;
  const late = refuseTime(query.timestamp, clock, integration.toleranceS);
  if (late) return late;
  const encrypt = query.echostr ?? readEncrypt(request.body);
  if (isRejected(encrypt)) return encrypt;
  const tokenIds = verify({ ...query, encrypt }, integration, clock);
  if (isRejected(tokenIds)) return tokenIds;
  const opened = decrypt(encrypt, integration, clock);
  if (isRejected(opened)) return opened;
  return { message: opened.message, secretIds: [...tokenIds, ...opened.secretIds] };
}

function readQuery(request: RawRequest): Query | Rejection {
  const given = requireParameter(request, 'msg_signature', 'signature_missing');
  if (isRejected(given)) return given;
  const timestamp = requireParameter(request, 'timestamp', 'timestamp_missing');
  if (isRejected(timestamp)) return timestamp;
  const nonce = requireParameter(request, 'nonce', 'parameter_missing');
  if (isRejected(nonce)) return nonce;
  const isCheck = request.method === 'GET';
  const echostr = isCheck ? requireParameter(request, 'echostr', 'parameter_missing') : undefined;
  if (isRejected(echostr)) return echostr;
  const malformed = refuseSeconds(timestamp, 'The query parameter "timestamp"');
  if (malformed) return malformed;
  if (!/^[0-9a-fA-F]{40}$/.test(given)) {
    return rejected('signature_malformed', 'msg_signature must be the 40 hex digits of a SHA-1');
  }
  const signature = Buffer.from(given, 'hex');
  return { signature, timestamp, nonce, ...(echostr !== undefined && { echostr }) };
}

/** The ids of the tokens that signed it. */
function verify(
  signed: WecomSigned & Pick<Query, 'signature'>,
  integration: Integration,
  clock: Clock,
): readonly string[] | Rejection {
  const tokens = validSecrets(integration, 'token', clock);
  const { secretIds, computed } = matchSecrets(tokens, [signed.signature], (token) =>
    signWecom(token, signed),
  );
  if (secretIds.length > 0) return secretIds;
  return refuseMismatch(
    'The Token in the settings of the WeCom app must be one of this integration, and query and body must arrive unchanged',
    { skewS: skewOf(signed.timestamp, clock), given: [signed.signature], computed },
  );
}

/** Try every key, always; what opens with one of them must be meant for us. */
function decrypt(encrypt: string, integration: Integration, clock: Clock): Opened | Rejection {
  const opened = validSecrets(integration, 'aes_key', clock).flatMap(({ id, value }) => {
    const plain = decryptWecom(value, encrypt);
    return plain ? [{ id, ...plain }] : [];
  });
  if (opened.length === 0) {
    return rejected(
      'decrypt_failed',
      'The EncodingAESKey in the settings of the WeCom app must be one of this integration',
    );
  }
  const expected = Buffer.from(integration.receiveId ?? '');
  const ours = opened.filter(({ receiveId }) => receiveId.equals(expected));
  const [first] = ours;
  if (first) return { message: first.message, secretIds: ours.map(({ id }) => id) };
  return rejected(
    'receive_id_mismatch',
    'The receive id of this integration must be the CorpID of the own app, the SuiteID of a third-party app, or empty for a bot',
  );
}
