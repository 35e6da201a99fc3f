import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/** Keeps secrets unreadable at rest. */
export interface Sealer {
  /** @param rowId - the row it will lie in: a sealed secret moved to another row can't be opened */
  seal(rowId: string, text: string): Buffer;
  /** @throws Error when the key is another or the row is */
  open(rowId: string, sealed: Buffer): string;
}

const nonceBytes = 12;
const tagBytes = 16;

/** AES-256-GCM: 12 bytes of random nonce, 16 of tag, then the ciphertext. */
export function makeSealer(masterKey: Buffer): Sealer {
  return {
    seal(rowId, text) {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv('aes-256-gcm', masterKey, nonce).setAAD(Buffer.from(rowId));
      const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), sealed]);
    },
    open(rowId, sealed) {
      const nonce = sealed.subarray(0, nonceBytes);
      const tag = sealed.subarray(nonceBytes, nonceBytes + tagBytes);
      try {
        const decipher = createDecipheriv('aes-256-gcm', masterKey, nonce, {
          authTagLength: tagBytes,
        })
          .setAAD(Buffer.from(rowId))
          .setAuthTag(tag);
        const text = decipher.update(sealed.subarray(nonceBytes + tagBytes));
        return Buffer.concat([text, decipher.final()]).toString('utf8');
      } catch (cause) {
        throw new Error(
          `Cannot open the secret "${rowId}": MASTER_KEY is not the one it was sealed with`,
          { cause },
        );
      }
    },
  };
}
