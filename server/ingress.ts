import { randomBytes } from 'node:crypto';
import type { Context, Middleware } from 'koa';
import type { Logger } from 'pino';
import { channelNames } from '../src/domain/channel.ts';
import type { ChannelName, Integration, RawRequest } from '../src/domain/channel.ts';
import type { Event } from '../src/domain/event.ts';
import { idPattern } from '../src/domain/id.ts';
import type { Channel } from './channels/channel.ts';
import { channels } from './channels/index.ts';
import { makeInboundEvent } from './inbound-event.ts';
import { readRawRequest } from './raw-request.ts';
import { renderRefusal, requestIdOf } from './rejection.ts';
import type { Refusal } from './rejection.ts';

/** What the ingress stands on. */
export interface IngressParts {
  /** Secrets opened; without an id, the first integration of the default tenant. */
  readonly findIntegration: (
    channel: ChannelName,
    id: string | undefined,
  ) => Promise<Integration | undefined>;
  /**
   * Commit an event, or find that its integration has accepted the same `dedupeId` before.
   *
   * Returns when it is on disk, throws when it is not. `start` is called after the answer.
   */
  readonly accept: (
    event: Event,
    options: { readonly triggerId: string | null },
  ) => Promise<{
    readonly kind: 'accepted' | 'duplicate';
    readonly eventId: string;
    readonly start: () => void;
  }>;
  readonly now: () => Date;
  readonly maxBodyBytes: number;
  /** The default of integrations and channels without their own. */
  readonly toleranceS: number;
  readonly log: Logger;
}

/** A request on its way through the ingress. */
interface Visit {
  readonly ctx: Context;
  readonly parts: IngressParts;
  readonly name: ChannelName;
  readonly channel: Channel;
  /** As in the path; `undefined` where it ends with the channel. */
  readonly id: string | undefined;
}

/**
 * Receive webhooks at `/v1/webhook/{channel}` and `/v1/webhook/{channel}/{id}`.
 *
 * An accepted event is answered 200 once it is committed; what cannot be committed is answered 503,
 * and a provider that retries loses nothing.
 */
export function ingress(parts: IngressParts): Middleware {
  return async (ctx, next) => {
    const [isOurs, segment = '', id] = /^\/v1\/webhook\/([^/]*)(?:\/(.*))?$/.exec(ctx.path) ?? [];
    if (isOurs === undefined) {
      await next();
      return;
    }
    const name = channelNames.find((known) => known === segment);
    const channel = name && channels.get(name);
    if (name && channel) return receiveWebhook({ ctx, parts, name, channel, id });

    const built = [...channels.keys()].join(', ');
    const what = name ? `The channel "${name}" is not available yet` : 'There is no such channel';
    refuse(ctx, parts, { reason: 'not_found', detail: `${what}: use one of ${built}` });
  };
}

async function receiveWebhook(visit: Visit): Promise<void> {
  const { ctx, parts, channel } = visit;
  if (!channel.methods.includes(ctx.method)) return refuseMethod(visit, channel.methods);
  const read = await readRawRequest(ctx.req, parts.maxBodyBytes);
  if (read.kind === 'too_large') {
    const detail = `Send at most ${parts.maxBodyBytes} bytes`;
    return refuse(ctx, parts, { reason: 'body_too_large', detail, channel: visit.name });
  }
  if (read.kind === 'aborted') {
    parts.log.debug({ channel: visit.name }, 'The sender went away in the middle of its request');
    ctx.status = 400; // Nobody reads it; Koa would call it a 404.
    return;
  }
  const now = parts.now();
  try {
    const integration = await findOrStandIn(visit);
    await judge(visit, { request: read.request, integration, now });
  } catch (error) {
    parts.log.error({ err: error, request_id: requestIdOf(ctx) }, 'A webhook was not stored');
    renderRefusal(ctx, 'unavailable', 'The event was not stored: send it again');
  }
}

interface Judged {
  readonly request: RawRequest;
  readonly integration: Integration;
  readonly now: Date;
}

async function judge(visit: Visit, { request, integration, now }: Judged): Promise<void> {
  const { ctx, parts, channel, name } = visit;
  const { toleranceS } = parts;
  if (integration.mode === 'platform' && request.method !== 'POST') {
    return refuseMethod(visit, ['POST']);
  }
  const received = channel.receive(request, integration, { now, toleranceS });
  if (received.kind === 'rejected') {
    const facts = { channel: name, integration_id: integration.id };
    return refuse(ctx, parts, { ...received, ...facts });
  }
  if (received.kind === 'handshake') {
    return answer(ctx, { contentType: received.contentType, body: received.reply });
  }
  const event = makeInboundEvent(received, { request, integration, now });
  const { kind, eventId, start } = await parts.accept(event, {
    triggerId: integration.triggerId,
  });
  const json = JSON.stringify({ event_id: eventId, status: kind });
  answer(ctx, channel.reply ?? { contentType: 'application/json', body: json });
  afterAnswer(ctx, start);
}

function answer(ctx: Context, reply: { contentType: string; body: string }): void {
  ctx.status = 200;
  ctx.body = reply.body;
  ctx.type = reply.contentType;
}

/** `close` comes after the answer was handed over, and also when its reader has gone. */
function afterAnswer({ res, writable }: Context, start: () => void): void {
  if (writable) res.once('close', start);
  else start();
}

async function findOrStandIn({ parts, name, channel, id }: Visit): Promise<Integration> {
  const canExist = id === undefined || idPattern.test(id);
  const found = canExist ? await parts.findIntegration(name, id) : undefined;
  return found ?? makeStandIn(name, channel);
}

/** Judges an unknown address: nobody has its secret, so it can't be told from a wrong signature. */
function makeStandIn(name: ChannelName, { standard }: Channel): Integration {
  const { mode, scheme, secretKinds } = standard;
  const value = randomBytes(32).toString('hex');
  return {
    id: 'unknown',
    tenantId: 'unknown',
    channel: name,
    mode,
    scheme,
    username: 'unknown',
    receiveId: null,
    toleranceS: null,
    dedupe: null,
    triggerId: null,
    secrets: secretKinds.map((kind) => ({ id: 'unknown', kind, value, expiresAt: null })),
  };
}

function refuseMethod({ ctx, parts, name }: Visit, methods: readonly string[]): void {
  const allowed = methods.join(', ');
  ctx.set('Allow', allowed);
  const detail = `Use ${allowed}`;
  refuse(ctx, parts, { reason: 'method_not_allowed', detail, channel: name });
}

interface RefusalFacts {
  readonly reason: Refusal;
  readonly detail: string;
  readonly channel?: ChannelName;
  readonly integration_id?: string;
}

function refuse(ctx: Context, { log }: IngressParts, facts: RefusalFacts): void {
  const { reason, detail, channel, integration_id } = facts;
  renderRefusal(ctx, reason, detail);
  const { status } = ctx;
  const line = { reason, status, channel, integration_id, request_id: requestIdOf(ctx) };
  log.info(line, 'Refused a webhook');
}
