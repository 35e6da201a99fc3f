import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import { z } from 'zod';
import { isStillValid } from '../../src/domain/channel.ts';
import type { ChannelName, Integration } from '../../src/domain/channel.ts';
import { nearest } from '../../src/domain/nearest.ts';
import { Problem } from '../../src/domain/problem.ts';
import { toIntegration } from '../../src/runtime/inbound.ts';
import { listSamples, readSample } from '../../src/runtime/samples.ts';
import type { Sample } from '../../src/runtime/samples.ts';
import type { Sealer } from '../../src/runtime/sealing.ts';
import { signedRequest } from '../../src/runtime/senders/index.ts';
import type { SignedRequest } from '../../src/runtime/senders/sender.ts';
import { recordAudit } from '../../src/store/audit-log.ts';
import { findAcceptedSince } from '../../src/store/dedupe-keys.ts';
import { findIntegrationOf } from '../../src/store/integrations.ts';
import { auditEntry } from '../audit.ts';
import { channels } from '../channels/index.ts';
import { mergeHeaders, redactQuery } from '../inbound-event.ts';
import { invalid, route } from '../route.ts';
import type { Call, MountableRoute } from '../route.ts';
import { found } from './answers.ts';

/** Sends a signed request to our own ingress: `path` begins with a slash and has no query. */
export type SendTestRequest = (
  path: string,
  request: SignedRequest,
) => Promise<{ readonly status: number; readonly text: string }>;

export interface IntegrationTestParts {
  readonly db: Knex;
  readonly sealer: Sealer;
  readonly now: () => Date;
  readonly publicUrl: string;
  readonly sendTestRequest: SendTestRequest;
}

const testSchema = z
  .object({
    status: z.int().meta({ description: 'What the ingress answered' }),
    body: z.unknown().meta({ description: 'Its body: parsed JSON, or text' }),
    event_id: z
      .string()
      .nullable()
      .meta({ description: 'null when nothing was taken, or where nothing on the wire tells it' }),
    sample: z.string(),
    request: z.object({
      method: z.enum(['GET', 'POST']),
      url: z.string(),
      headers: z.record(z.string(), z.string()).meta({ description: 'Secrets are `***`' }),
    }),
  })
  .meta({ id: 'TestRequest', description: 'A signed test and what the ingress made of it.' });

type TestAnswer = z.input<typeof testSchema>;

/** What people mean by "an event" of a channel. */
const usualSamples: Readonly<Record<ChannelName, string>> = {
  lark: 'im.message.receive_v1',
  wecom: 'message.text',
  gerrit: 'change-merged',
  gitlab: 'push',
  github: 'push',
  gitee: 'push',
  generic: 'order',
};

export function integrationTestRoutes(parts: IntegrationTestParts): MountableRoute[] {
  return [
    route({
      method: 'post',
      path: '/v1/integrations/{id}/test-requests',
      summary: 'Send a sample to the integration, signed as its provider signs',
      body: z.strictObject({ sample: z.string().max(200).optional() }),
      answer: testSchema,
      handle: async (call) => {
        const row = await findIntegrationOf(parts.db, call.id, call.tenantId);
        const known = found(row, 'integration', call.id);
        if (known.integration.state === 'disabled') {
          const detail = 'It answers like an address that does not exist: enable it first';
          throw new Problem('integration-disabled', detail);
        }
        const integration = toIntegration(known, parts.sealer);
        const sample = await pickSample(integration.channel, call.body.sample);
        const answer = await sendTest(parts, integration, sample);
        await noteTest(parts, call, answer);
        return answer;
      },
    }),
  ];
}

/** @throws Problem `invalid-request` that names the nearest sample, or those that there are */
async function pickSample(channel: ChannelName, wanted: string | undefined): Promise<Sample> {
  const name = wanted ?? usualSamples[channel];
  const names = await listSamples(channel);
  if (names.includes(name)) return readSample(channel, name);
  const meant = nearest(name, names);
  const hint = meant === undefined ? `Use one of ${names.join(', ')}` : `Did you mean "${meant}"?`;
  throw invalid([{ pointer: '/sample', detail: `Unknown sample: ${hint}` }]);
}

async function sendTest(
  parts: IntegrationTestParts,
  integration: Integration,
  sample: Sample,
): Promise<TestAnswer> {
  const now = parts.now();
  const deliveryId = randomUUID();
  const signed = sign(integration, sample, { now, deliveryId });
  const path = `/v1/webhook/${integration.channel}/${integration.id}`;
  const { status, text } = await parts.sendTestRequest(path, signed);
  const body = parseOrText(text);
  // Lark and WeCom read a body as a reply, so it does not tell the event.
  const key = { owner: integration.id, dedupe_id: signed.dedupeId ?? deliveryId };
  const eventId = eventIdOf(body) ?? (await findAcceptedSince(parts.db, key, new Date(0)));
  return {
    status,
    body,
    event_id: eventId ?? null,
    sample: sample.name,
    request: {
      method: signed.method,
      url: `${parts.publicUrl.replace(/\/$/, '')}${path}${shownQuery(integration.channel, signed)}`,
      headers: mergeHeaders({ ...signed, headers: Object.entries(signed.headers) }),
    },
  };
}

/** @throws Problem `invalid-request` where the sample can't be sent in this mode, or a secret is missing */
function sign(
  { channel, mode, scheme, username, receiveId, secrets }: Integration,
  sample: Sample,
  stamp: { readonly now: Date; readonly deliveryId: string },
): SignedRequest {
  const valid = secrets.filter(({ expiresAt }) => isStillValid(expiresAt, stamp.now));
  // Newest first as they are read: of a kind the newest must be written last.
  const byKind = Object.fromEntries(valid.toReversed().map(({ kind, value }) => [kind, value]));
  try {
    const settings = { mode, scheme, username, receiveId, secrets: byKind };
    return signedRequest(channel, sample, { ...settings, ...stamp });
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw invalid([{ pointer: '/sample', detail }]);
  }
}

function shownQuery(channel: ChannelName, { query }: SignedRequest): string {
  return query === ''
    ? ''
    : `?${redactQuery(query, channels.get(channel)?.secretParameters ?? [])}`;
}

function eventIdOf(body: unknown): string | undefined {
  return z.object({ event_id: z.string() }).safeParse(body).data?.event_id;
}

function parseOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text; // What a provider asks for may be anything.
  }
}

async function noteTest(
  { db }: IntegrationTestParts,
  call: Call<unknown, unknown>,
  { sample, status, event_id }: TestAnswer,
): Promise<void> {
  const what = {
    action: 'integration.test',
    subject: call.id,
    detail: { sample, status, event_id },
  };
  await recordAudit(db, auditEntry(call, what));
}
