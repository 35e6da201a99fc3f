import type { Integration, RawRequest, Received, Rejection } from '../../src/domain/channel.ts';
import { isJsonType } from '../../src/runtime/body.ts';
import { parseJson } from './body-parser.ts';
import type { Channel, Clock } from './channel.ts';
import { hashId } from './dedupe-hash.ts';
import { verifyPlatform } from './platform-scheme.ts';
import {
  findHeader,
  isRejected,
  listHeader,
  readMediaType,
  refuseEncoding,
  refuseType,
  rejected,
} from './request-reader.ts';

/** Scripts and services without a scheme of their own: the platform's, with any body. */
export const generic: Channel = {
  methods: ['POST'],
  receive,
};

function receive(request: RawRequest, integration: Integration, clock: Clock): Received {
  const verified = verifyPlatform(request, integration, clock);
  if (isRejected(verified)) return verified;
  const unreadable = refuseEncoding(request) ?? refuseBody(request);
  if (unreadable) return unreadable;
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
    body: request.body,
    secretIds: verified.secretIds,
  };
}

/** Only what is declared JSON must be JSON; the rest is kept as it came. */
function refuseBody(request: RawRequest): Rejection | undefined {
  const mediaType = readMediaType(request);
  if (isRejected(mediaType)) return mediaType;
  if (!isJsonType(mediaType)) return undefined;
  if (hasForeignCharset(request)) {
    return rejected('unsupported_content_type', 'JSON is UTF-8: send it without another charset');
  }
  if (request.body.length === 0) return undefined;
  const parsed = parseJson(request.body);
  return isRejected(parsed) ? parsed : undefined;
}

/** JSON that claims another encoding: two readers would read two texts. */
function hasForeignCharset(request: RawRequest): boolean {
  const [type = ''] = listHeader(request, 'Content-Type');
  const [, charset = 'utf-8'] = /;\s*charset\s*=\s*"?([^";\s]*)/i.exec(type) ?? [];
  return !/^(?:utf-?8|us-ascii)$/i.test(charset);
}

function findId(request: RawRequest): string | undefined | Rejection {
  return findHeader(request, 'X-Webhook-Id') ?? findHeader(request, 'Idempotency-Key');
}
