import { createHash } from 'node:crypto';
import type { Rejection } from '../../src/domain/channel.ts';
import { decodeText } from '../../src/runtime/body.ts';
import { tokensMax } from '../../src/runtime/body-limits.ts';
import { parseXml } from '../../src/runtime/xml.ts';
import { parseJson } from './body-parser.ts';
import { isRejected, refuseType, rejected } from './request-reader.ts';

/** What the message of an event says of it. */
export interface WecomMessage {
  readonly type: string;
  readonly dedupeId: string;
}

/** The fields of a message that name its type and id; apps speak XML, intelligent bots JSON. */
interface Fields {
  readonly messageType: unknown;
  /** Only where the message is an event: its name, and what changed. */
  readonly event: unknown;
  readonly changeType?: unknown;
  /** What a third-party app has in place of a message type. */
  readonly infoType?: unknown;
  readonly id: unknown;
}

interface Document {
  readonly isXml: boolean;
  readonly fields: ReadonlyMap<string, unknown>;
}

/** The ciphertext in the envelope of a POST, as it stands there. */
export function readEncrypt(body: Uint8Array): string | Rejection {
  const envelope = parseDocument(body);
  if (isRejected(envelope)) return envelope;
  const name = envelope.isXml ? 'Encrypt' : 'encrypt';
  const encrypt = envelope.fields.get(name) ?? '';
  if (typeof encrypt !== 'string') {
    return rejected('malformed_body', `The body must have the text "${name}" once`);
  }
  if (encrypt !== '') return encrypt;
  return rejected('encryption_required', `Send the message encrypted, in "${name}"`);
}

/** Type and delivery id of a message that is not encrypted, or no longer. */
export function readMessage(bytes: Uint8Array): WecomMessage | Rejection {
  const message = parseDocument(bytes);
  if (isRejected(message)) return message;
  const fields = message.isXml ? appFields(message) : botFields(message);
  const type = typeOf(fields);
  if (isRejected(type)) return type;
  return { type, dedupeId: idOf(fields) ?? hashOf(bytes) };
}

/** The first byte that is not blank tells XML from JSON: the content type is not to be relied on. */
function parseDocument(bytes: Uint8Array): Document | Rejection {
  const text = decodeText(bytes) ?? '';
  const [first] = /[^ \t\r\n]/.exec(text) ?? [];
  if (first === '{') return parseJsonDocument(bytes);
  const value = first === '<' ? parseXml(text) : undefined;
  if (value) return { isXml: true, fields: new Map(Object.entries(value)) };
  return rejected(
    'malformed_body',
    'The body must be one XML element without DOCTYPE, or one JSON object, in UTF-8',
  );
}

/** An envelope comes before its signature was looked at: as little is parsed of it as of XML. */
function parseJsonDocument(bytes: Uint8Array): Document | Rejection {
  const parsed = parseJson(bytes, tokensMax);
  return isRejected(parsed) ? parsed : { isXml: false, fields: fieldsOf(parsed.value) };
}

function fieldsOf(value: unknown): ReadonlyMap<string, unknown> {
  return new Map(typeof value === 'object' && value !== null ? Object.entries(value) : []);
}

function appFields({ fields }: Document): Fields {
  return {
    messageType: fields.get('MsgType'),
    event: fields.get('Event'),
    changeType: fields.get('ChangeType'),
    infoType: fields.get('InfoType'),
    id: fields.get('MsgId'),
  };
}

function botFields({ fields }: Document): Fields {
  return {
    messageType: fields.get('msgtype'),
    event: fieldsOf(fields.get('event')).get('eventtype'),
    id: fields.get('msgid'),
  };
}

function typeOf({ messageType, event, changeType, infoType }: Fields): string | Rejection {
  if (messageType === undefined) return joinType(['suite', infoType]);
  if (messageType !== 'event') return joinType(['message', messageType]);
  return joinType(['event', event, ...(changeType === undefined ? [] : [changeType])]);
}

/** A part that is there but no text is not skipped: the rest would be another type's name. */
function joinType(parts: readonly unknown[]): string | Rejection {
  const isNamed = parts.every((part) => typeof part === 'string' && part !== '');
  const type = isNamed ? parts.join('.') : '';
  return refuseType(type, 'The type that MsgType, Event and ChangeType (or InfoType) make') ?? type;
}

/** Ids of WeCom have some forty characters; what is no id is told apart by the whole message. */
function idOf({ id }: Fields): string | undefined {
  return typeof id === 'string' && /^[^\p{Cc}]{1,256}$/u.test(id) ? id : undefined;
}

/** Changes of the directory have no id: all come from `sys`, and several share a second. */
function hashOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
