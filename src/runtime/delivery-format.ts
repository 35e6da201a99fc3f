import type { EndpointFormat } from '../store/delivery-tables.ts';
import type { EventRow } from '../store/tables.ts';

export type FormattedEvent = Pick<EventRow, 'id' | 'tenant_id' | 'type' | 'body' | 'received_at'>;

/** An event as an endpoint gets it: the body, and the headers that say what it is. */
export interface Formatted {
  readonly body: Buffer;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * An event in the format of an endpoint. The same event makes the same bytes every time.
 *
 * The data is cut out of the stored body, not parsed and written anew: numbers over 2^53 and the
 * order of keys stay as they are.
 */
export function formatEvent(event: FormattedEvent, format: EndpointFormat): Formatted {
  return formats[format](event);
}

/** The order of names is the order on the wire. */
const formats: Readonly<Record<EndpointFormat, (event: FormattedEvent) => Formatted>> = {
  standard: ({ body }) => ({ body, headers: { 'content-type': 'application/json' } }),

  // CloudEvents 1.0, JSON event format.
  'cloudevents-structured': (event) => {
    const { time, data } = contentOf(event);
    const head = JSON.stringify({
      ...attributesOf(event, time),
      datacontenttype: 'application/json',
    });
    return {
      body: Buffer.from(`${head.slice(0, -1)},"data":${data}}`),
      headers: { 'content-type': 'application/cloudevents+json; charset=utf-8' },
    };
  },

  // CloudEvents 1.0, HTTP protocol binding, section 3.1.
  'cloudevents-binary': (event) => {
    const { time, data } = contentOf(event);
    const attributes = Object.entries(attributesOf(event, time));
    const headers = attributes.map(([name, value]) => [`ce-${name}`, headerText(value)] as const);
    return {
      body: Buffer.from(data),
      headers: { ...Object.fromEntries(headers), 'content-type': 'application/json' },
    };
  },
};

function attributesOf({ id, tenant_id, type }: FormattedEvent, time: string) {
  // Not the public address: what was sent must be the same after the platform has moved.
  return { specversion: '1.0', id, source: `/durahook/${tenant_id}`, type, time };
}

interface Content {
  /** RFC 3339. */
  readonly time: string;
  /** JSON. */
  readonly data: string;
}

function contentOf(event: FormattedEvent): Content {
  const text = event.body.toString('utf8');
  return cutOut(event, text) ?? readAgain(event, text);
}

/** Between its neighbours, in a body as publishing writes it; undefined in any other. */
function cutOut({ id, type }: FormattedEvent, text: string): Content | undefined {
  const start = `{"type":${JSON.stringify(type)},"timestamp":"`;
  const end = `,"id":${JSON.stringify(id)}}`;
  if (!text.startsWith(start) || !text.endsWith(end)) return undefined;
  const inner = text.slice(start.length, -end.length);
  const [neighbour, time] = /^(\d{4}-\d\d-\d\dT[\d:.]+Z)","data":/.exec(inner) ?? [];
  if (neighbour === undefined || time === undefined) return undefined;
  const data = inner.slice(neighbour.length);
  // Of other fields behind `data` this makes what is no JSON.
  return isJson(data) ? { time, data } : undefined;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** @throws SyntaxError when the body is not JSON: no outbound event has such a one */
function readAgain({ received_at }: FormattedEvent, text: string): Content {
  const body: unknown = JSON.parse(text);
  const isWrapped = typeof body === 'object' && body !== null && Object.hasOwn(body, 'data');
  const data = isWrapped ? JSON.stringify((body as { data: unknown }).data) : text;
  return { time: received_at.toISOString(), data };
}

/** CloudEvents, HTTP protocol binding, section 3.1.3.2: blanks, `"`, `%` and what is not printable ASCII are percent-encoded. */
function headerText(value: string): string {
  return value.replaceAll(/[^\u0021\u0023\u0024\u0026-\u007e]+/gu, (some) =>
    Buffer.from(some).toString('hex').toUpperCase().replaceAll(/../g, '%$&'),
  );
}
