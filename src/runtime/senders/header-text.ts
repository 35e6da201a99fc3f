/** A secret as a header carries it: its UTF-8 bytes, which HTTP hands on as Latin-1. */
export function asHeader(secret: string): string {
  return Buffer.from(secret).toString('latin1');
}
