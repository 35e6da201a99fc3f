import { createCipheriv, createDecipheriv, createHash } from 'node:crypto';
import { isAesKey } from './integration-secret.ts';

/** What is inside of a ciphertext. */
export interface WecomPlain {
  readonly message: Buffer;
  /** For whom it is: a corp id, a suite id, or empty. */
  readonly receiveId: Buffer;
}

/** What WeCom signs besides the token. */
export interface WecomSigned {
  readonly timestamp: string;
  readonly nonce: string;
  /** The ciphertext in base64, as on the wire: `Encrypt`, or `echostr`. */
  readonly encrypt: string;
}

/** Random bytes, then the length of the message in four bytes. */
const randomBytes = 16;
const headBytes = randomBytes + 4;

/** The vendor pads to twice the block of AES. */
const paddingBlock = 32;

/**
 * SHA-1 of token, timestamp, nonce and ciphertext, sorted and put together: `msg_signature`.
 *
 * Source: WeCom developer docs, "加解密方案说明" (path/90968).
 */
export function signWecom(token: string, { timestamp, nonce, encrypt }: WecomSigned): Buffer {
  const parts = [token, timestamp, nonce, encrypt].map((part) => Buffer.from(part));
  return createHash('sha1')
    .update(Buffer.concat(parts.toSorted((one, other) => Buffer.compare(one, other))))
    .digest();
}

/**
 * Open a ciphertext: AES-256-CBC, padded to 32 bytes as in PKCS#7.
 *
 * Stricter than the vendor's libraries, which take any padding and any length.
 *
 * @param encrypt - in canonical base64
 * @returns `undefined` for whatever does not fit, the key too; never throws
 */
export function decryptWecom(aesKey: string, encrypt: string): WecomPlain | undefined {
  const ciphertext = Buffer.from(encrypt, 'base64');
  const isBase64 = ciphertext.toString('base64') === encrypt;
  if (!isAesKey(aesKey) || !isBase64 || ciphertext.length % 16 !== 0) return undefined;
  const { key, iv } = keyOf(aesKey);
  const decipher = createDecipheriv('aes-256-cbc', key, iv).setAutoPadding(false);
  const content = unpad(Buffer.concat([decipher.update(ciphertext), decipher.final()]));
  if (content === undefined || content.length < headBytes) return undefined;
  const end = headBytes + content.readUInt32BE(randomBytes);
  if (end > content.length) return undefined;
  return { message: content.subarray(headBytes, end), receiveId: content.subarray(end) };
}

/**
 * Make a ciphertext as WeCom does.
 *
 * @param random - 16 bytes, anew for each message
 * @returns base64
 * @throws Error when the key is no EncodingAESKey
 */
export function encryptWecom(
  aesKey: string,
  { message, receiveId }: WecomPlain,
  random: Buffer,
): string {
  if (!isAesKey(aesKey)) {
    throw new Error('Cannot encrypt: an EncodingAESKey ("aes_key") has 43 characters of base64');
  }
  const length = Buffer.alloc(headBytes - randomBytes);
  length.writeUInt32BE(message.length);
  const { key, iv } = keyOf(aesKey);
  const cipher = createCipheriv('aes-256-cbc', key, iv).setAutoPadding(false);
  const content = pad(Buffer.concat([random.subarray(0, randomBytes), length, message, receiveId]));
  return Buffer.concat([cipher.update(content), cipher.final()]).toString('base64');
}

function keyOf(aesKey: string): { readonly key: Buffer; readonly iv: Buffer } {
  const key = Buffer.from(`${aesKey}=`, 'base64');
  return { key, iv: key.subarray(0, 16) };
}

function pad(content: Buffer): Buffer {
  const size = paddingBlock - (content.length % paddingBlock);
  return Buffer.concat([content, Buffer.alloc(size, size)]);
}

function unpad(content: Buffer): Buffer | undefined {
  const size = content.at(-1) ?? 0;
  if (size < 1 || size > paddingBlock || size > content.length) return undefined;
  const end = content.length - size;
  return content.subarray(end).every((byte) => byte === size)
    ? content.subarray(0, end)
    : undefined;
}
