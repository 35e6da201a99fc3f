import { createHash } from 'node:crypto';
import type { Integration } from '../../src/domain/channel.ts';

/**
 * What stands in for a delivery id where a sender gives none.
 *
 * @param content - what was signed
 * @returns `sha256:<hex>` if the integration asks for it, else null
 */
export function hashId(
  { dedupe }: Integration,
  content: readonly (string | Uint8Array)[],
): string | null {
  if (dedupe !== 'hash') return null;
  const hash = createHash('sha256');
  for (const part of content) hash.update(part);
  return `sha256:${hash.digest('hex')}`;
}
