import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';

const sessionId = z.string().meta({ example: 'ses_1' });

const startSchema = z.object({
  session_id: sessionId,
  name: z.string(),
  key: z.string().nullable(),
  user_id: z.string(),
  tenant_id: z.string(),
  input: z.unknown(),
  report_url: z.url().meta({ description: 'Where steps, tools and the result are reported to' }),
});

const eventSchema = z.object({
  number: z.int().meta({ description: 'Grows from event to event, with gaps' }),
  input: z.unknown(),
  event: z
    .object({ id: z.string(), source: z.string(), type: z.string(), body: z.unknown() })
    .nullable()
    .meta({ description: 'What a trigger matched; null when the API handed the input on' }),
});

/** What the service at `AGENT_URL` is asked: name, address, summary, body. */
const calls = [
  ['start', '/v1/sessions', 'Take a session on', startSchema],
  ['event', '/v1/sessions/{id}/events', 'Take an event of a session', eventSchema],
  ['cancel', '/v1/sessions/{id}/cancel', 'Stop the work on a session', z.object({})],
] as const;

/** The calls to the agent, as webhooks of the OpenAPI document: `agent.session.start` and so on. */
export function agentCalls(): ZodOpenApiPathsObject {
  const entries = calls.map(([name, path, summary, schema]) => {
    const key = z.string().meta({ description: 'A repeat has the same' });
    const post = {
      summary,
      description: `POST {AGENT_URL}${path}, repeated until it is answered with 2xx or refused.`,
      requestParams: { header: z.object({ 'Idempotency-Key': key }) },
      requestBody: { required: true, content: { 'application/json': { schema } } },
      responses: {
        '2XX': { description: 'Taken' },
        '4XX': { description: 'Refused, and not repeated; 408 and 429 are' },
      },
    };
    return [`agent.session.${name}`, { post }];
  });
  return Object.fromEntries(entries) as ZodOpenApiPathsObject;
}
