import { z } from 'zod';
import { catalog, customType, nearestEventType } from '../../src/domain/catalog.ts';
import { passingProblem, Problem } from '../../src/domain/problem.ts';
import type { EndpointRequest, EndpointRequestParts } from '../../src/runtime/endpoint-request.ts';
import { makeId } from '../../src/runtime/ids.ts';
import { listAudit, recordAudit } from '../../src/store/audit-log.ts';
import type { AuditRow } from '../../src/store/access-tables.ts';
import { findEndpoint } from '../../src/store/endpoints.ts';
import type { EndpointRow } from '../../src/store/delivery-tables.ts';
import { auditEntry } from '../audit.ts';
import { route } from '../route.ts';
import type { Call, MountableRoute } from '../route.ts';
import { makeTestRate } from '../test-rate.ts';
import type { TestRate } from '../test-rate.ts';
import { found, instant, pageOf, pageQuery, toPage } from './answers.ts';
import type { EndpointParts } from './endpoints.ts';

/** Sends an event once to an endpoint, built and guarded as an attempt is. */
export type SendTest = (test: {
  readonly endpoint: EndpointRow;
  readonly event: EndpointRequestParts['event'];
  readonly webhookId: string;
  readonly startedAt: Date;
}) => Promise<TestOutcome>;

/** What a test came to. */
export interface TestOutcome {
  /** Without credentials. */
  readonly request: EndpointRequest;
  readonly deadlineMs: number;
  readonly answer: {
    /** Null when no answer came in time. */
    readonly status: number | null;
    /** Null when it is a 2xx. */
    readonly reason: string | null;
    readonly headers: Readonly<Record<string, string>>;
    /** At most its first 16 KiB. */
    readonly body: Buffer;
    readonly durationMs: number;
    readonly timings: {
      readonly dnsMs: number | null;
      readonly connectMs: number | null;
      readonly tlsMs: number | null;
      readonly firstByteMs: number | null;
    };
  };
}

export interface EndpointTestParts extends EndpointParts {
  readonly sendTest: SendTest;
  readonly now: () => Date;
}

const action = 'endpoint.test';

/** What the audit log keeps of a test, and a list shows. */
const outcomeSchema = z.object({
  is_test: z.literal(true),
  type: z.string(),
  status: z.int().nullable().meta({ description: 'Null when no answer came in time' }),
  reason: z.string().nullable().meta({ description: 'Why it failed, as of an attempt' }),
  duration_ms: z.int(),
});

const milliseconds = z.int().nullable();

const testedSchema = outcomeSchema
  .extend({
    is_delivered: z.boolean(),
    deadline_ms: z.int().meta({ description: "The endpoint's own timeout, or the platform's" }),
    timings: z
      .object({
        dns_ms: milliseconds,
        connect_ms: milliseconds,
        tls_ms: milliseconds,
        first_byte_ms: milliseconds.meta({ description: 'From the connection to the answer' }),
      })
      .meta({
        description: 'Null where a connection of before was used, or it did not come to it',
      }),
    url: z.string(),
    request_headers: z
      .record(z.string(), z.string())
      .meta({ description: '`authorization` is shown as `***`' }),
    request_body: z.string(),
    response_headers: z.record(z.string(), z.string()),
    response_body: z.string().meta({
      description: 'At most 16 KiB; of the reason `auth`, what the token endpoint did',
    }),
  })
  .meta({ id: 'TestedEndpoint', description: 'What a test event came to.' });

const pastTestSchema = outcomeSchema
  .extend({ id: z.string(), at: instant, actor: z.string() })
  .meta({ id: 'EndpointTest', description: 'A test event of before, as the audit log keeps it.' });

/** A test is in the audit log and nowhere else: it counts neither as a delivery nor for the endpoint's health or state. */
export function endpointTestRoutes(parts: EndpointTestParts): MountableRoute[] {
  return [sendRoute(parts, makeTestRate(parts.now)), listRoute(parts)];
}

function sendRoute(parts: EndpointTestParts, rate: TestRate): MountableRoute {
  return route({
    method: 'post',
    path: '/v1/endpoints/{id}/test-events',
    summary: 'Send an example event once, at once, and tell what came of it',
    body: z.strictObject({ type: z.string().min(1).max(200).optional() }),
    answer: testedSchema,
    handle: async (call) => {
      const { tenantId, id, body } = call;
      const endpoint = found(await findEndpoint(parts.db, id, tenantId), 'endpoint', id);
      const type = body.type ?? typeFor(endpoint);
      const data = exampleOf(type);
      const waitS = rate.take(id);
      if (waitS > 0) {
        const detail = `An endpoint is tested at most 10 times a minute: try again in ${waitS} s`;
        throw passingProblem('too-many-requests', detail, waitS);
      }
      return sendExample(parts, call, { endpoint, type, data });
    },
  });
}

function listRoute({ db }: EndpointTestParts): MountableRoute {
  return route({
    method: 'get',
    path: '/v1/endpoints/{id}/test-events',
    summary: 'List the test events of an endpoint with what came of each',
    query: z.strictObject({ ...pageQuery, limit: pageQuery.limit.default(20) }),
    answer: pageOf(pastTestSchema),
    handle: async ({ tenantId, id, query }) => {
      found(await findEndpoint(db, id, tenantId), 'endpoint', id);
      const filter = { action, subject: id };
      return toPage(query, (page) => listAudit(db, tenantId, { filter, page }), toPastTest);
    },
  });
}

function toPastTest({ id, at, actor, detail }: AuditRow): z.input<typeof pastTestSchema> {
  return { id, at: at.toISOString(), actor, ...outcomeSchema.parse(detail) };
}

async function sendExample(
  parts: EndpointTestParts,
  call: Pick<Call<unknown, unknown>, 'tenantId' | 'actor'>,
  { endpoint, type, data }: { endpoint: EndpointRow; type: string; data: unknown },
): Promise<z.input<typeof testedSchema>> {
  const startedAt = new Date();
  const { request, deadlineMs, answer } = await parts.sendTest({
    endpoint,
    event: exampleEvent(endpoint.tenant_id, { type, data, at: startedAt }),
    webhookId: makeId('dlv', startedAt),
    startedAt,
  });
  const { status, reason, durationMs: duration_ms, timings } = answer;
  const outcome = { is_test: true as const, type, status, reason, duration_ms };
  const entry = { action, subject: endpoint.id, detail: outcome };
  await recordAudit(parts.db, auditEntry(call, entry));
  return {
    ...outcome,
    is_delivered: reason === null,
    deadline_ms: deadlineMs,
    timings: {
      dns_ms: timings.dnsMs,
      connect_ms: timings.connectMs,
      tls_ms: timings.tlsMs,
      first_byte_ms: timings.firstByteMs,
    },
    url: endpoint.url,
    request_headers: { ...request.headers },
    request_body: request.body.toString('utf8'),
    response_headers: { ...answer.headers },
    response_body: answer.body.toString('utf8'),
  };
}

/** Written as publishing writes an event. */
function exampleEvent(
  tenant_id: string,
  { type, data, at }: { type: string; data: unknown; at: Date },
): EndpointRequestParts['event'] {
  const id = makeId('evt', at);
  const body = Buffer.from(JSON.stringify({ type, timestamp: at.toISOString(), data, id }));
  return { id, tenant_id, type, body, received_at: at, traceparent: null };
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
