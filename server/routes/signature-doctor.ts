import type { Knex } from 'knex';
import { z } from 'zod';
import { rejectionReasons } from '../../src/domain/channel.ts';
import type { Integration, RawRequest } from '../../src/domain/channel.ts';
import { Problem } from '../../src/domain/problem.ts';
import { toIntegration } from '../../src/runtime/inbound.ts';
import { openOriginal } from '../../src/runtime/rejected-requests.ts';
import type { Sealer } from '../../src/runtime/sealing.ts';
import { findIntegrationOf } from '../../src/store/integrations.ts';
import { findRejectedRequest } from '../../src/store/rejected-requests.ts';
import { findingCodes } from '../doctor/findings.ts';
import type { FindingCode } from '../doctor/findings.ts';
import { diagnose } from '../doctor/signature-doctor.ts';
import { makeTurns } from '../doctor/turns.ts';
import { route } from '../route.ts';
import type { MountableRoute } from '../route.ts';
import { found, idSchema } from './answers.ts';

const reasons = Object.keys(rejectionReasons) as (keyof typeof rejectionReasons)[];
const codes = Object.keys(findingCodes) as FindingCode[];

const diagnosisSchema = z
  .object({
    outcome: z.enum(['verifies', 'explained', 'unexplained']),
    reason: z.enum(reasons).nullable().meta({ description: 'What the ingress says' }),
    findings: z.array(
      z.object({
        code: z.enum(codes),
        title: z.string(),
        detail: z.string(),
        what_to_do: z.string(),
        confidence: z.enum(['certain', 'likely']),
      }),
    ),
    tried: z.int().meta({ description: 'Digests that were made' }),
    is_complete: z.boolean().meta({ description: 'False when a limit ended the search' }),
  })
  .meta({ id: 'SignatureDiagnosis', description: 'Which part of a request does not fit.' });

/** As the ingress reads them: names and values have no line breaks, one character per byte. */
const headerText = z
  .string()
  .max(16_384)
  .regex(/^[^\0\r\n]*$/, 'Must be one line');
const headerName = headerText.min(1).max(256);

const sentSchema = z
  .strictObject({
    method: z
      .string()
      .regex(/^[A-Za-z]{1,16}$/, 'Must be a method')
      .default('POST'),
    query: z.string().max(16_384).default('').meta({ description: 'As on the wire, without "?"' }),
    headers: z.union([
      z.array(z.tuple([headerName, headerText])).max(200),
      z.record(headerName, headerText),
    ]),
    body: z.string().optional(),
    body_base64: z.base64().optional(),
  })
  .refine(
    ({ body, body_base64 }) => (body === undefined) !== (body_base64 === undefined),
    'Give either `body` or `body_base64`',
  );

const requestSchema = z
  .strictObject({
    rejected_request_id: idSchema.optional(),
    integration_id: idSchema.optional(),
    request: sentSchema.optional(),
    at: z.iso
      .datetime({ offset: true, error: 'Must be an RFC 3339 instant: 2026-01-31T12:00:00Z' })
      .optional()
      .meta({ description: 'When it arrived; now, or when the rejected request was received' }),
  })
  .refine(({ rejected_request_id, integration_id, request }) => {
    const isGiven = integration_id !== undefined && request !== undefined;
    const isBare = integration_id === undefined && request === undefined;
    return rejected_request_id === undefined ? isGiven : isBare;
  }, 'Give either `rejected_request_id`, or `integration_id` and `request`');

export interface SignatureDoctorParts {
  readonly db: Knex;
  readonly sealer: Sealer;
  readonly now: () => Date;
  /** The platform's default in seconds, as the ingress has it. */
  readonly toleranceS: number;
}

/** The last of them waits for some 20 s at the worst; a proxy in front may give up after 30 s. */
const waitingMax = 10;

export function signatureDoctorRoutes(parts: SignatureDoctorParts): MountableRoute[] {
  // Two at a time would take twice as long each, and twice as much from whoever receives webhooks here.
  const takeTurn = makeTurns(waitingMax);
  return [
    route({
      method: 'post',
      path: '/v1/signature-doctor',
      summary: 'Say why a request does not verify; nothing is recorded',
      body: requestSchema,
      answer: diagnosisSchema,
      handle: async ({ tenantId, body }) => {
        const { request, integration, arrivedAt } = await findCase(parts, tenantId, body);
        const now = body.at === undefined ? arrivedAt : new Date(body.at);
        const clock = { now, toleranceS: parts.toleranceS };
        const { findings, ...rest } = await takeTurn(async () =>
          diagnose(request, integration, clock),
        );
        return { ...rest, findings: [...findings] };
      },
    }),
  ];
}

interface Case {
  readonly request: RawRequest;
  readonly integration: Integration;
  readonly arrivedAt: Date;
}

async function findCase(
  parts: SignatureDoctorParts,
  tenantId: string,
  { rejected_request_id: id, integration_id, request }: z.output<typeof requestSchema>,
): Promise<Case> {
  if (id !== undefined) return findRejected(parts, tenantId, id);
  const integrationId = integration_id ?? '';
  const integration = await findOpened(parts, tenantId, integrationId);
  if (!request) throw new Problem('invalid-request', 'Give `request`');
  return { request: toRawRequest(request), integration, arrivedAt: parts.now() };
}

async function findRejected(
  parts: SignatureDoctorParts,
  tenantId: string,
  id: string,
): Promise<Case> {
  const row = found(await findRejectedRequest(parts.db, id, tenantId), 'rejected request', id);
  const request = openOriginal(parts.sealer, row);
  if (!request) {
    const pointer = '/rejected_request_id';
    const detail = `The request has ${row.body_bytes} bytes and was too large to be kept whole: give it as \`request\`, or use the command \`doctor signature\` offline`;
    throw new Problem('invalid-request', detail, [{ pointer, detail }]);
  }
  const integration = await findOpened(parts, tenantId, row.integration_id);
  return { request, integration, arrivedAt: row.received_at };
}

/** Disabled ones too: a diagnosis lets nobody in. */
async function findOpened(
  { db, sealer }: SignatureDoctorParts,
  tenantId: string,
  id: string,
): Promise<Integration> {
  return toIntegration(found(await findIntegrationOf(db, id, tenantId), 'integration', id), sealer);
}

function toRawRequest({
  method,
  query,
  headers,
  body = '',
  body_base64,
}: z.output<typeof sentSchema>): RawRequest {
  return {
    method: method.toUpperCase(),
    query: query.replace(/^\?/, ''),
    headers: Array.isArray(headers) ? headers : Object.entries(headers),
    body: body_base64 === undefined ? Buffer.from(body) : Buffer.from(body_base64, 'base64'),
  };
}
