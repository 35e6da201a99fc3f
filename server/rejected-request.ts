import type { Integration, Rejection } from '../src/domain/channel.ts';
import type { RejectedRequest } from '../src/domain/rejected-request.ts';
import { asBuffer } from '../src/runtime/body.ts';
import { makeId } from '../src/runtime/ids.ts';
import type { Channel } from './channels/channel.ts';
import { mergeHeaders, redactQuery } from './inbound-event.ts';
import type { Judged } from './inbound-event.ts';

/** How much of a refused body can be looked at. */
const shownBytes = 65_536;

/** Read beyond what is shown, so that a secret across the cut is still seen whole. */
const readBytes = shownBytes + 4096;

/**
 * Make what is kept of a refused request.
 *
 * No field of it was verified: besides what the channel redacts, every known secret of the
 * integration is replaced wherever it stands.
 */
export function makeRejectedRequest(
  rejection: Rejection,
  { request, integration, now }: Judged,
  { redactBody, secretParameters = [] }: Channel,
): RejectedRequest {
  const hide = makeHide(integration);
  const beginning = { ...request, body: request.body.subarray(0, readBytes) };
  const body = redactBody ? redactBody(beginning) : beginning.body;
  const headers = [...mergeHeaders(request)].map(([name, value]) => [name, hide(value)] as const);
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
    body: hideBytes(body, hide).subarray(0, shownBytes),
    original: request,
  };
}

/** Replaces the secrets of an integration in a text, also as they are written in an address. */
function makeHide({ secrets }: Integration): (text: string) => string {
  const forms = new Set(
    secrets.flatMap(({ value }) => [
      value,
      encodeURIComponent(value),
      Buffer.from(value).toString('latin1'), // As it stands in bytes that are read as latin1.
    ]),
  );
  // The longest first: one secret may be the beginning of another.
  const known = [...forms].filter((form) => form !== '').toSorted((a, b) => b.length - a.length);
  return (text) => known.reduce((hidden, form) => hidden.replaceAll(form, '***'), text);
}

/** Byte for byte: latin1 keeps what is no UTF-8. */
function hideBytes(body: Uint8Array, hide: (text: string) => string): Buffer {
  const text = asBuffer(body).toString('latin1');
  return Buffer.from(hide(text), 'latin1');
}
