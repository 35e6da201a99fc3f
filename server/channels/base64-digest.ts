/**
 * Read a SHA-256 digest in base64: 43 characters of the standard alphabet and `=`.
 *
 * @returns `undefined` for another form
 */
export function readBase64Digest(text: string): Buffer | undefined {
  if (!/^[A-Za-z0-9+/]{43}=$/.test(text)) return undefined;
  const digest = Buffer.from(text, 'base64');
  // Its last character has two unused bits. Where they are set it is well-formed, but equals nobody's:
  // as text it has another length than any digest.
  return digest.toString('base64') === text ? digest : Buffer.from(text);
}
