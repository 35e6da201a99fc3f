import { z } from 'zod';
import { catalog, customType, nearestEventType } from '../../src/domain/catalog.ts';
import { Problem } from '../../src/domain/problem.ts';
import { deliveryHeaders, openEndpointSecrets } from '../../src/runtime/delivery-request.ts';
import { makeId } from '../../src/runtime/ids.ts';
import { findEndpoint } from '../../src/store/endpoints.ts';
import type { EndpointRow } from '../../src/store/delivery-tables.ts';
import { route } from '../route.ts';
import type { MountableRoute } from '../route.ts';
import { found } from './answers.ts';
import type { EndpointParts } from './endpoints.ts';

/** Sends one POST as attempts are sent: guarded, with their deadline, never following a redirect. */
export type SendTest = (request: {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}) => Promise<TestAnswer>;

/** What a POST came to; `status` is null when no answer came in time. */
export interface TestAnswer {
  readonly status: number | null;
  /** Null when it is a 2xx. */
  readonly reason: string | null;
  readonly headers: Readonly<Record<string, string>>;
  /** At most its first 16 KiB. */
  readonly body: Buffer;
  readonly durationMs: number;
}

export interface EndpointTestParts extends EndpointParts {
  readonly sendTest: SendTest;
  readonly userAgent: string;
}

const testedSchema = z
  .object({
    is_delivered: z.boolean(),
    status: z.int().nullable(),
    reason: z.string().nullable().meta({ description: 'Why it failed, as of an attempt' }),
    duration_ms: z.int(),
    type: z.string(),
    url: z.string(),
    request_headers: z.record(z.string(), z.string()),
    request_body: z.string(),
    response_headers: z.record(z.string(), z.string()),
    response_body: z.string().meta({ description: 'At most 16 KiB' }),
  })
  .meta({ id: 'TestedEndpoint', description: 'What a test event came to.' });

/** A test is not recorded: it counts neither as a delivery nor for the endpoint's health or state. */
export function endpointTestRoutes(parts: EndpointTestParts): MountableRoute[] {
  return [
    route({
      method: 'post',
      path: '/v1/endpoints/{id}/test-events',
      summary: 'Send an example event once, at once, and tell what came of it; nothing is recorded',
      body: z.strictObject({ type: z.string().min(1).max(200).optional() }),
      answer: testedSchema,
      handle: async ({ tenantId, id, body }) => {
        const endpoint = found(await findEndpoint(parts.db, id, tenantId), 'endpoint', id);
        return sendExample(parts, endpoint, body.type ?? typeFor(endpoint));
      },
    }),
  ];
}

async function sendExample(
  parts: EndpointTestParts,
  { id, url }: EndpointRow,
  type: string,
): Promise<z.input<typeof testedSchema>> {
  const startedAt = new Date();
  const timestamp = startedAt.toISOString();
  const event = { type, timestamp, data: exampleOf(type), id: makeId('evt', startedAt) };
  const body = Buffer.from(JSON.stringify(event));
  const headers = {
    ...deliveryHeaders({
      webhookId: makeId('dlv', startedAt),
      eventType: type,
      body,
      traceparent: null,
      secrets: await openEndpointSecrets(parts, id, startedAt),
      userAgent: parts.userAgent,
      number: 1,
      startedAt,
    }),
    'x-webhook-test': 'true',
  };
  const answer = await parts.sendTest({ url, headers, body });
  return {
    is_delivered: answer.reason === null,
    status: answer.status,
    reason: answer.reason,
    duration_ms: answer.durationMs,
    type,
    url,
    request_headers: headers,
    request_body: body.toString('utf8'),
    response_headers: { ...answer.headers },
    response_body: answer.body.toString('utf8'),
  };
}

/** The first type of the catalog that the endpoint asked for. */
function typeFor({ event_types }: EndpointRow): string {
  const named = event_types.find((type) => Object.hasOwn(catalog, type) || customType.test(type));
  const globs = event_types.filter((type) => type.endsWith('*')).map((type) => type.slice(0, -1));
  const meant = Object.keys(catalog).find((type) => globs.some((glob) => type.startsWith(glob)));
  return named ?? meant ?? 'session.created';
}

/** @throws Problem `unknown-event-type` with the nearest name */
function exampleOf(type: string): unknown {
  const entry = Object.entries(catalog).find(([name]) => name === type);
  if (entry) return entry[1].example;
  if (customType.test(type)) return {};
  const nearest = nearestEventType(type);
  const hint =
    nearest === undefined ? 'GET /v1/event-types lists them' : `Did you mean "${nearest}"?`;
  const detail = `There is no event type "${type}". ${hint}`;
  throw new Problem('unknown-event-type', detail, [{ pointer: '/type', detail }]);
}
