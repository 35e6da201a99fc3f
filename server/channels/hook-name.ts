import type { RawRequest, Rejection } from '../../src/domain/channel.ts';
import { findHeader } from './request-reader.ts';

/**
 * The event type in a header as GitLab and Gitee write it: `Merge Request Hook` is `merge_request`.
 *
 * @returns `undefined` without the header, or a refusal when it occurs twice
 */
export function findHookType(request: RawRequest, header: string): string | undefined | Rejection {
  const name = findHeader(request, header);
  if (typeof name !== 'string') return name;
  return name
    .replace(/ Hook$/, '')
    .toLowerCase()
    .replaceAll(/[ \t]/g, '_');
}
