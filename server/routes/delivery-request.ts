import type { Knex } from 'knex';
import { z } from 'zod';
import { Problem } from '../../src/domain/problem.ts';
import { decodeText } from '../../src/runtime/body.ts';
import { openSecretsOfThen, timestampOf } from '../../src/runtime/delivery-request.ts';
import { endpointRequest, shownHeaders } from '../../src/runtime/endpoint-request.ts';
import type { Sealer } from '../../src/runtime/sealing.ts';
import { listAttemptFacts } from '../../src/store/attempts.ts';
import { findDelivery } from '../../src/store/deliveries.ts';
import { findKeptEndpoint } from '../../src/store/endpoints.ts';
import { findEvent } from '../../src/store/events.ts';
import type { DeliveryRow, DeliveryState, EndpointAuth } from '../../src/store/delivery-tables.ts';
import { route } from '../route.ts';
import type { MountableRoute } from '../route.ts';
import { found, instant, ordinal } from './answers.ts';
import { signedParts, verifyShell } from './delivery-signatures.ts';
import type { DeliveryParts } from './deliveries.ts';

export interface DeliveryRequestParts extends DeliveryParts {
  readonly sealer: Sealer;
  readonly userAgent: string;
}

const requestSchema = z
  .object({
    is_sent: z.boolean().meta({
      description:
        'False for an attempt to come, and for one that failed with `auth`: no POST was made',
    }),
    cycle: z.int(),
    number: z.int(),
    at: instant.meta({ description: 'When the attempt began; for one to come, now' }),
    method: z.literal('POST'),
    url: z.string().meta({ description: "The endpoint's of today" }),
    format: z
      .enum(['standard', 'cloudevents-structured', 'cloudevents-binary'])
      .meta({ description: "The endpoint's of today: an attempt of before may have had another" }),
    headers: z.record(z.string(), z.string().nullable()).meta({
      description:
        'In the format and with the own headers and auth that the endpoint has today. `authorization` is `***`; the signatures of an attempt to come are null: it is signed when it is sent',
    }),
    body: z.string().nullable().meta({ description: 'In that format; null when it is no text' }),
    body_base64: z.string().optional().meta({ description: 'Only when it is no text' }),
    timestamp: z.string(),
    signed: z.array(
      z.object({
        header: z.string(),
        scheme: z.string(),
        algorithm: z.string(),
        base_string_prefix: z
          .string()
          .meta({ description: 'What is signed: this, and the bytes of the body right behind it' }),
        key_hint: z.string(),
      }),
    ),
    verify: z.object({
      shell: z
        .string()
        .meta({ description: 'Prints both signatures, with the secret in the variable SECRET' }),
    }),
  })
  .meta({ id: 'DeliveryRequest', description: 'What an attempt sent, or will send.' });

export function deliveryRequestRoutes(parts: DeliveryRequestParts): MountableRoute[] {
  return [
    route({
      method: 'get',
      path: '/v1/deliveries/{id}/request',
      summary: 'Show what an attempt sent and how to check its signatures, or what one will send',
      query: z.strictObject({
        cycle: ordinal.meta({ description: 'The current one when it is not given' }),
        number: ordinal.meta({ description: 'The last that was made, or the first' }),
      }),
      answer: requestSchema,
      handle: async ({ tenantId, id, query }) => {
        const row = found(await findDelivery(parts.db, id, tenantId), 'delivery', id);
        return toRequest(parts, row, await pickAttempt(parts, row, query));
      },
    }),
  ];
}

interface Picked {
  readonly cycle: number;
  readonly number: number;
  readonly startedAt: Date;
  readonly isSent: boolean;
}

/** States in which another attempt may come. */
const goesOn: ReadonlySet<DeliveryState> = new Set(['pending', 'retrying', 'parked']);

/** @throws Problem `not-found` for an attempt that was not made and will not be */
async function pickAttempt(
  { db, schedule, now }: DeliveryRequestParts,
  row: DeliveryRow,
  wanted: { readonly cycle?: number | undefined; readonly number?: number | undefined },
): Promise<Picked> {
  const { cycle = row.cycle } = wanted;
  const made = await listAttemptFacts(db, row.id, { from: cycle, to: cycle });
  const number = wanted.number ?? made.at(-1)?.number ?? 1;
  const attempt = made.find((each) => each.number === number);
  if (attempt) {
    return { cycle, number, startedAt: attempt.started_at, isSent: attempt.reason !== 'auth' };
  }
  const { length } = row.schedule_ms ?? schedule;
  const isToCome = cycle === row.cycle && goesOn.has(row.state) && number <= length;
  if (!isToCome) {
    throw new Problem('not-found', `The delivery has no attempt ${number} in cycle ${cycle}`);
  }
  return { cycle, number, startedAt: now(), isSent: false };
}

/** A signature of what is not sent would let its reader send it, in our name. */
const unsigned = { 'webhook-signature': null, 'x-webhook-signature': null };

async function toRequest(
  parts: DeliveryRequestParts,
  row: DeliveryRow,
  { cycle, number, startedAt, isSent }: Picked,
): Promise<z.input<typeof requestSchema>> {
  const { event, endpoint } = await findEnds(parts.db, row);
  const { headers: sent, body } = endpointRequest({
    endpoint,
    event,
    webhookId: row.id,
    secrets: isSent ? await openSecretsOfThen(parts, endpoint.id, startedAt) : [],
    userAgent: parts.userAgent,
    number,
    startedAt,
    authorization: hasAuthorization(endpoint.auth) ? '' : null,
    isTest: false,
  });
  const headers = shownHeaders(sent);
  const timestamp = timestampOf(startedAt);
  const text = decodeText(body);
  return {
    is_sent: isSent,
    cycle,
    number,
    at: startedAt.toISOString(),
    method: 'POST',
    url: endpoint.url,
    format: endpoint.format,
    headers: isSent ? headers : { ...headers, ...unsigned },
    body: text ?? null,
    ...(text === undefined && { body_base64: body.toString('base64') }),
    timestamp,
    signed: signedParts(row.id, timestamp),
    verify: { shell: verifyShell({ id: row.id, timestamp, body }) },
  };
}

function hasAuthorization(auth: EndpointAuth | null): boolean {
  return auth !== null && auth.kind !== 'mtls';
}

async function findEnds(db: Knex, row: DeliveryRow) {
  const event = await findEvent(db, row.event_id, row.tenant_id);
  const endpoint = await findKeptEndpoint(db, row.endpoint_id, row.tenant_id);
  return {
    event: found(event, 'event', row.event_id),
    endpoint: found(endpoint, 'endpoint', row.endpoint_id),
  };
}
