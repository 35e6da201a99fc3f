import type { IntegrationSecret, Rejection } from '../../src/domain/channel.ts';
import { isObject } from '../../src/runtime/body.ts';
import type { JsonObject } from '../../src/runtime/body.ts';
import { decryptLark } from '../../src/runtime/lark-crypto.ts';
import { tokensMax } from '../../src/runtime/body-limits.ts';
import { parseJson } from './body-parser.ts';
import { redactJson } from './json-redaction.ts';
import { isRejected, rejected } from './request-reader.ts';

/** What Lark sends, or what is inside when it came encrypted. */
export interface Envelope {
  readonly bytes: Uint8Array;
  /** In a field, because what a sender writes can look like a refusal. */
  readonly json: JsonObject;
}

/** A text of the envelope, and where Lark puts it. */
interface Field {
  readonly place: string;
  readonly value: unknown;
}

/** Read a JSON object; it may come before anything is proven. */
export function parseEnvelope(bytes: Uint8Array): Envelope | Rejection {
  const parsed = parseJson(bytes, tokensMax);
  if (isRejected(parsed)) return parsed;
  const { value } = parsed;
  return isObject(value)
    ? { bytes, json: value }
    : rejected('malformed_body', 'The body must be a JSON object');
}

/**
 * Decrypt with the keys, all of them always.
 *
 * @returns the envelope of the first key that makes a JSON object of it, and the ids of all that do
 */
export function decryptEnvelope(
  encrypt: string,
  keys: readonly IntegrationSecret[],
): { envelope: Envelope; secretIds: readonly string[] } | undefined {
  const opened = keys.flatMap(({ id, value }) => {
    const plain = decryptLark(value, encrypt);
    const envelope = plain && parseEnvelope(plain);
    return envelope === undefined || isRejected(envelope) ? [] : [{ id, envelope }];
  });
  const [first] = opened;
  return first && { envelope: first.envelope, secretIds: opened.map(({ id }) => id) };
}

/** Whether it only asks us to prove the address. */
export function isChallenge({ json }: Envelope): boolean {
  return json['type'] === 'url_verification';
}

/** The verification token: in the header of the version 2.0, at the top of the older one. */
export function tokenOf(envelope: Envelope): Field {
  const { json } = envelope;
  return isVersion2(envelope) && !isChallenge(envelope)
    ? { place: 'header.token', value: fieldOf(json['header'], 'token') }
    : { place: 'token', value: json['token'] };
}

/** The event type: `im.message.receive_v1`, in the older version `approval_instance`. */
export function eventTypeOf(envelope: Envelope): Field {
  const { json } = envelope;
  return isVersion2(envelope)
    ? { place: 'header.event_type', value: fieldOf(json['header'], 'event_type') }
    : { place: 'event.type', value: fieldOf(json['event'], 'type') };
}

/** What stays the same when Lark sends an event again; null when there is none. */
export function eventIdOf(envelope: Envelope): string | null {
  const { json } = envelope;
  const id = isVersion2(envelope) ? fieldOf(json['header'], 'event_id') : json['uuid'];
  return typeof id === 'string' && id !== '' ? id : null;
}

/** Put `***` for the verification token, in either version; every other byte stays. */
export function redactEnvelope(bytes: Uint8Array): Buffer {
  return redactJson(bytes, [['token'], ['header', 'token']]);
}

function isVersion2({ json }: Envelope): boolean {
  return Object.hasOwn(json, 'schema') || Object.hasOwn(json, 'header');
}

function fieldOf(value: unknown, key: string): unknown {
  return isObject(value) ? value[key] : undefined;
}
