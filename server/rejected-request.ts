import type { Integration, Rejection } from '../src/domain/channel.ts';
import type { RejectedRequest } from '../src/domain/rejected-request.ts';
import { asBuffer } from '../src/runtime/body.ts';
import { makeId } from '../src/runtime/ids.ts';
import { makeHide } from '../src/runtime/secret-hiding.ts';
import type { Hide } from '../src/runtime/secret-hiding.ts';
import type { Channel } from './channels/channel.ts';
import { mergeHeaders, redactQuery } from './inbound-event.ts';
import type { Judged } from './inbound-event.ts';

/** How much of a rejected body can be looked at. */
const shownBytes = 65_536;

/**
 * Read beyond what is shown, so that a secret across the cut is still seen whole: 1,024 characters,
 * of three bytes each, percent-encoded twice, take 15,360.
 */
const overlapBytes = 16_384;

/**
 * Make what is kept of a rejected request.
 *
 * No field of it was verified: besides what the channel redacts, every known secret of the
 * integration is replaced wherever it stands and however it is escaped.
 */
export function makeRejectedRequest(
  rejection: Rejection,
  { request, integration, now }: Judged,
  { redactBody, secretParameters = [] }: Channel,
): RejectedRequest {
  const hide = hideOf(integration);
  const beginning = { ...request, body: request.body.subarray(0, shownBytes + overlapBytes) };
  const body = redactBody ? redactBody(beginning) : beginning.body;
  const isCut = beginning.body.length < request.body.length;
  const headers = Object.entries(mergeHeaders(request)).map(
    ([name, value]) => [name, hide(value)] as const,
  );
  return {
    id: makeId('rej', now),
    tenantId: integration.tenantId,
    integrationId: integration.id,
    channel: integration.channel,
    triggerId: integration.triggerId,
    receivedAt: now,
    rejection,
    headers: Object.fromEntries(headers),
    query: hide(redactQuery(request.query, secretParameters)),
    // What the channel redacts makes it shorter: its end may still be half a secret.
    body: hideBytes(body, hide, isCut ? Math.max(0, body.length - overlapBytes) : body.length),
    original: request,
  };
}

/** Byte for byte: latin1 keeps what is no UTF-8. */
function hideBytes(body: Uint8Array, hide: Hide, whole: number): Buffer {
  const text = asBuffer(body).toString('latin1');
  const hidden = hide(text, Math.min(shownBytes, whole));
  return Buffer.from(hidden, 'latin1').subarray(0, shownBytes); // `***` is longer than some secrets.
}

/** HTTP Basic sends a secret behind the name of its user. */
function hideOf({ secrets, username }: Integration): Hide {
  const values = secrets.map(({ value }) => value);
  return makeHide(values, username === null ? [] : values.map((value) => `${username}:${value}`));
}
