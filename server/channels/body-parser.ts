import type { RawRequest, Rejection } from '../../src/domain/channel.ts';
import {
  decodeText,
  exceedsSigns,
  formFields,
  isObject,
  signsMax as verifiedMax,
} from '../../src/runtime/body.ts';
import { depthMax } from '../../src/runtime/body-limits.ts';
import { isDeeper } from '../json-body.ts';
import { isRejected, readMediaType, rejected } from './request-reader.ts';

/** What was parsed; in a record, because a value can look like a refusal. */
export interface Parsed {
  readonly value: unknown;
}

/** Read the JSON object of a provider that sends `application/json`, or a form around it. */
export function parseObject(
  request: RawRequest,
  options: { readonly canBeForm: boolean },
): Parsed | Rejection {
  const type = readMediaType(request);
  if (isRejected(type)) return type;
  if (type === 'application/json') return refuseNonObject(parseJson(request.body));
  if (type === 'application/x-www-form-urlencoded' && options.canBeForm) {
    const field = readPayloadField(request.body);
    return isRejected(field) ? field : refuseNonObject(parseJson(field));
  }
  return rejected('unsupported_content_type', 'Send the header Content-Type: application/json');
}

/**
 * Parse JSON in strict UTF-8; one BOM may lead.
 *
 * @param signsMax - refused unparsed is what has more of `{`, `[` and `,`; give fewer to a stranger
 */
export function parseJson(bytes: Uint8Array, signsMax = verifiedMax): Parsed | Rejection {
  if (exceedsSigns(bytes, signsMax)) {
    return rejected(
      'malformed_body',
      `The body may have ${signsMax} of "{", "[" and "," in its JSON`,
    );
  }
  const text = decodeText(bytes);
  if (text === undefined) return rejected('malformed_body', 'The body must be UTF-8');
  const parsed = tryJson(text);
  if (!parsed) return rejected('malformed_body', 'The body must be JSON');
  if (isDeeper(parsed.value, depthMax)) {
    return rejected('malformed_body', `The body may be nested ${depthMax} levels deep`);
  }
  return parsed;
}

function tryJson(text: string): Parsed | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

function refuseNonObject(parsed: Parsed | Rejection): Parsed | Rejection {
  if (isRejected(parsed)) return parsed;
  if (isObject(parsed.value)) return parsed;
  return rejected('malformed_body', 'The body must be a JSON object');
}

function readPayloadField(body: Uint8Array): Buffer | Rejection {
  const [field, second] = formFields(body, 'payload');
  if (field && !second) return field;
  return rejected('malformed_body', 'The form must have the field "payload" once');
}
