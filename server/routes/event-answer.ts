import { z } from 'zod';
import { depthMax } from '../../src/runtime/body-limits.ts';
import type { EventContents, ListedEvent } from '../../src/store/event-list.ts';
import type { EventRow } from '../../src/store/tables.ts';
import { isDeeper } from '../json-body.ts';
import { instant } from './answers.ts';

const facts = {
  id: z.string(),
  direction: z.enum(['inbound', 'outbound']),
  source: z.string(),
  type: z.string(),
  tenant_id: z.string(),
  integration_id: z.string().nullable().meta({ description: 'Whose address it came to' }),
  received_at: instant,
  dedupe_id: z.string().nullable(),
  content_type: z.string().nullable(),
  body_bytes: z.int(),
  payload_dropped_at: instant
    .nullable()
    .meta({ description: 'When headers, query and body were dropped; null = they are kept' }),
  payload_dropped_for: z
    .enum(['age', 'request'])
    .nullable()
    .meta({ description: 'Because the time they are kept was over, or a person asked for it' }),
};

const headers = z.record(z.string(), z.string());

/** Parsed, so that a program can read it; as text, so that a person can. */
const body = z.unknown().meta({ description: 'Parsed JSON, or text; null when it is neither' });
const bodyBase64 = z.string().optional().meta({ description: 'Only when the body is not text' });

export const eventSchema = z
  .object({
    ...facts,
    query: z.string().meta({ description: 'As on the wire, without "?"' }),
    traceparent: z.string().nullable(),
    headers,
    body,
    body_base64: bodyBase64,
    body_text: z
      .string()
      .nullable()
      .meta({ description: 'The first 1 MiB as they came; null when it is not text' }),
    is_body_cut: z.boolean().meta({ description: '`body_text` is not all of it' }),
  })
  .meta({ id: 'Event', description: 'A fact, inbound or outbound, as it was recorded.' });

export const listedEventSchema = z
  .object({
    ...facts,
    headers: headers.optional(),
    body: body.optional(),
    body_base64: bodyBase64,
    is_body_left_out: z
      .boolean()
      .optional()
      .meta({ description: 'For a body over 64 KiB: read the event alone for it' }),
  })
  .meta({
    id: 'ListedEvent',
    description: 'An event in a list; headers and body only with `include=body`.',
  });

/** More than a person reads; a browser still shows it without a pause. */
const bodyTextMax = 1_048_576;

export function toEvent(row: EventRow): z.input<typeof eventSchema> {
  const { query, traceparent, headers: kept } = row;
  const text = decode(row.body);
  const isCut = text !== undefined && row.body.length > bodyTextMax;
  return {
    ...toFacts({ ...row, body_bytes: row.body.length }),
    query,
    traceparent,
    headers: kept,
    ...showBody(row.body, row.content_type, text),
    body_text: isCut ? beginningOf(row.body) : (text ?? null),
    is_body_cut: isCut,
  };
}

/** @param contents - headers and body, where they were asked for; a body of null is too large */
export function toListedEvent(
  row: ListedEvent,
  contents?: EventContents,
): z.input<typeof listedEventSchema> {
  if (!contents) return toFacts(row);
  const { headers: kept, body: bytes } = contents;
  if (bytes === null) return { ...toFacts(row), headers: kept, body: null, is_body_left_out: true };
  const shown = showBody(bytes, row.content_type, decode(bytes));
  return { ...toFacts(row), headers: kept, ...shown };
}

/** Field by field: a row read whole would bring its body along. */
function toFacts(row: ListedEvent) {
  return {
    id: row.id,
    direction: row.direction,
    source: row.source,
    type: row.type,
    tenant_id: row.tenant_id,
    integration_id: row.integration_id,
    received_at: row.received_at.toISOString(),
    dedupe_id: row.dedupe_id,
    content_type: row.content_type,
    body_bytes: row.body_bytes,
    payload_dropped_at: row.payload_dropped_at?.toISOString() ?? null,
    payload_dropped_for: row.payload_dropped_for,
  };
}

function showBody(
  bytes: Buffer,
  contentType: string | null,
  text: string | undefined,
): { body: unknown; body_base64?: string } {
  if (text === undefined) return { body: null, body_base64: bytes.toString('base64') };
  return { body: /[/+]json\b/i.test(contentType ?? '') ? parseOrText(text) : text };
}

function decode(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined; // Bytes that are no text are shown in base64.
  }
}

/** Without the part of a character at the cut. */
function beginningOf(bytes: Buffer): string {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  return decoder.decode(bytes.subarray(0, bodyTextMax), { stream: true });
}

function parseOrText(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return isDeeper(value, depthMax) ? text : value;
  } catch {
    return text; // A sender may call anything JSON.
  }
}
