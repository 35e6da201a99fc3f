import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';

const algorithm = 'aes-256-cbc';

/** Of an AES block, and so of the IV in front of the ciphertext. */
const blockBytes = 16;

/** What a signature of Lark's covers beside the Encrypt Key. */
export interface LarkSigned {
  /** As in the header `X-Lark-Request-Timestamp`. */
  readonly timestamp: string;
  /** As in the header `X-Lark-Request-Nonce`, one character per byte. */
  readonly nonce: string;
  readonly body: Uint8Array;
}

/**
 * What `X-Lark-Signature` is the hex of: SHA-256 of `timestamp + nonce + Encrypt Key + body`.
 *
 * It is no HMAC. Source: Feishu docs, "Encrypt Key encryption strategy"; the SDK for Node.js.
 */
export function larkSignature(encryptKey: string, { timestamp, nonce, body }: LarkSigned): Buffer {
  return createHash('sha256')
    .update(timestamp)
    .update(nonce, 'latin1') // Node reads the bytes of a header so; these bytes were signed.
    .update(encryptKey)
    .update(body)
    .digest();
}

/**
 * Decrypt the value of `encrypt`: base64 of a 16-byte IV and AES-256-CBC with PKCS#7 padding.
 *
 * @param encryptKey - the SHA-256 of its UTF-8 bytes is the AES key
 * @returns the plain bytes, or `undefined` for whatever was wrong: base64, length, padding
 */
export function decryptLark(encryptKey: string, base64: string): Buffer | undefined {
  const sealed = Buffer.from(base64, 'base64');
  // Node skips what is not base64 and takes the URL alphabet: only what comes back the same is strict.
  if (sealed.toString('base64') !== base64) return undefined;
  if (sealed.length < 2 * blockBytes || sealed.length % blockBytes !== 0) return undefined;
  const iv = sealed.subarray(0, blockBytes);
  const decipher = createDecipheriv(algorithm, aesKey(encryptKey), iv);
  try {
    return Buffer.concat([decipher.update(sealed.subarray(blockBytes)), decipher.final()]);
  } catch {
    return undefined; // The padding is wrong: most likely another key.
  }
}

/** Encrypt an envelope as Lark does, with a fresh IV: the counterpart of `decryptLark`. */
export function encryptLark(encryptKey: string, plain: Uint8Array): string {
  const iv = randomBytes(blockBytes);
  const cipher = createCipheriv(algorithm, aesKey(encryptKey), iv);
  return Buffer.concat([iv, cipher.update(plain), cipher.final()]).toString('base64');
}

function aesKey(encryptKey: string): Buffer {
  return createHash('sha256').update(encryptKey).digest();
}
