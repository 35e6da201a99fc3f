import type { RawRequest, Rejection } from '../../src/domain/channel.ts';
import { hookType } from '../../src/runtime/hook-name.ts';
import type { Parsed } from './body-parser.ts';
import { findHeader, rejected } from './request-reader.ts';

/**
 * Read a top-level field of the body that names the event type.
 *
 * @returns `undefined` where it is absent; what is there but no text is refused, not skipped
 */
export function findTypeField({ value }: Parsed, field: string): string | undefined | Rejection {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, field)) return undefined;
  const found: unknown = Reflect.get(value, field);
  if (typeof found === 'string') return found;
  return rejected('event_type_missing', `"${field}" in the body must be a string`);
}

/**
 * Read the event type in a header as GitLab and Gitee write it: `Merge Request Hook`.
 *
 * @returns `undefined` without the header, or a refusal when it occurs twice
 */
export function findTypeHeader(
  request: RawRequest,
  header: string,
): string | undefined | Rejection {
  const name = findHeader(request, header);
  return typeof name === 'string' ? hookType(name) : name;
}
