import type { Integration, RawRequest, Received } from '../../src/domain/channel.ts';
import { decodeText, isJsonType } from '../../src/runtime/body.ts';
import { parseJson } from './body-parser.ts';
import type { Parsed } from './body-parser.ts';
import type { Channel, Clock, Rejected } from './channel.ts';
import { hashId } from './dedupe-hash.ts';
import { verifyPlatform } from './platform-scheme.ts';
import {
  findHeader,
  isRejected,
  readMediaType,
  refuseEncoding,
  refuseType,
} from './request-reader.ts';

/** Scripts and services without a scheme of their own: the platform's, with any body. */
export const generic: Channel = {
  methods: ['POST'],
  standard: { mode: 'platform', scheme: null, secretKinds: ['platform'] },
  receive,
};

function receive(request: RawRequest, integration: Integration, clock: Clock): Received {
  const verified = verifyPlatform(request, integration, clock);
  if (isRejected(verified)) return verified;
  const parsed = refuseEncoding(request) ?? parseAny(request);
  if (isRejected(parsed)) return parsed;
  const named = findHeader(request, 'X-Webhook-Event');
  if (isRejected(named)) return named;
  const type = named ?? 'received';
  const refused = refuseType(type, 'X-Webhook-Event');
  if (refused) return refused;
  const id = findId(request);
  if (isRejected(id)) return id;
  return {
    kind: 'event',
    type,
    dedupeId: id ?? hashId(integration, verified.signed),
    payload: parsed.value,
    body: request.body,
  };
}

/** Only what is declared JSON must be JSON; the rest is kept as it came. */
function parseAny(request: RawRequest): Parsed | Rejected {
  const mediaType = readMediaType(request);
  if (isRejected(mediaType)) return mediaType;
  if (isJsonType(mediaType) && request.body.length > 0) return parseJson(request.body);
  return { value: decodeText(request.body) ?? null };
}

function findId(request: RawRequest): string | undefined | Rejected {
  return findHeader(request, 'X-Webhook-Id') ?? findHeader(request, 'Idempotency-Key');
}
