import type { Integration, RawRequest, Received, Rejection } from '../../src/domain/channel.ts';
import { parseObject } from './body-parser.ts';
import type { Parsed } from './body-parser.ts';
import type { Channel } from './channel.ts';
import { hashId } from './dedupe-hash.ts';
import { verifyPlatform } from './platform-scheme.ts';
import { isRejected, refuseEncoding, refuseType, rejected } from './request-reader.ts';

/** What was read, `undefined` where there is nothing, or why it can't be taken. */
type Found = string | undefined | Rejection;

/** What is a provider's own, where it posts JSON objects. */
export interface JsonProvider {
  /** How its own requests are verified; what a relay of ours hands on is not its own. */
  readonly verifierOf: (integration: Integration) => typeof verifyPlatform;
  /** Whether the JSON may come in a form. */
  readonly canBeForm: boolean;
  readonly findType: (request: RawRequest, parsed: Parsed) => Found;
  /** What to do where there is no type, and where the one that there is was found. */
  readonly typeMissing: string;
  readonly typePlace: string;
  /** The delivery id; a provider without one has no such function. */
  readonly findId?: (request: RawRequest, integration: Integration) => Found;
  readonly redactBody?: (request: RawRequest) => Uint8Array;
}

/** Verify, then parse, then find type and id: the first failure is the answer. */
export function receiveJson(provider: JsonProvider): Channel['receive'] {
  const { canBeForm, findId = () => undefined, redactBody = ({ body }) => body } = provider;
  return (request, integration, clock): Received => {
    const isRelayed = integration.mode === 'platform';
    const verify = isRelayed ? verifyPlatform : provider.verifierOf(integration);
    const verified = verify(request, integration, clock);
    if (isRejected(verified)) return verified;
    const parsed = refuseEncoding(request) ?? parseObject(request, { canBeForm });
    if (isRejected(parsed)) return parsed;
    const type = readType(provider, request, parsed);
    if (isRejected(type)) return type;
    const id = findId(request, integration);
    if (isRejected(id)) return id;
    const dedupeId = id ?? hashId(integration, verified.signed);
    const { secretIds } = verified;
    return { kind: 'event', type, dedupeId, body: redactBody(request), secretIds };
  };
}

function readType(
  { findType, typeMissing, typePlace }: JsonProvider,
  request: RawRequest,
  parsed: Parsed,
): string | Rejection {
  const type = findType(request, parsed) ?? rejected('event_type_missing', typeMissing);
  if (isRejected(type)) return type;
  return refuseType(type, typePlace) ?? type;
}
