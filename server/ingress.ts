import { randomBytes } from 'node:crypto';
import type { Context, Middleware } from 'koa';
import type { Logger } from 'pino';
import { channelNames, schemes } from '../src/domain/channel.ts';
import type { ChannelName, Integration, Rejection } from '../src/domain/channel.ts';
import type { Event } from '../src/domain/event.ts';
import type { RejectedRequest } from '../src/domain/rejected-request.ts';
import { idPattern } from '../src/domain/id.ts';
import { makeBodyBudget } from './body-budget.ts';
import type { BodyBudget } from './body-budget.ts';
import { methodsOf } from './channels/channel.ts';
import type { Channel } from './channels/channel.ts';
import { channels } from './channels/index.ts';
import { makeInboundEvent } from './inbound-event.ts';
import type { Judged } from './inbound-event.ts';
import { makeRejectedRequest } from './rejected-request.ts';
import { freeBytes, readRawRequest } from './raw-request.ts';
import type { RawRead } from './raw-request.ts';
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
  /** Note which secrets have verified a request. */
  readonly countUse: (secretIds: readonly string[], now: Date) => void;
  /** Keep a request that was refused, for an operator to look at; called after the answer. */
  readonly keepRejected: (rejected: RejectedRequest) => void;
  readonly now: () => Date;
  readonly maxBodyBytes: number;
  /** The default of integrations and channels without their own. */
  readonly toleranceS: number;
  readonly log: Logger;
}

/** Whoever waits for `storing` holds a share of `held`, never the other way: they can't block each other. */
interface Budgets {
  readonly held: BodyBudget;
  readonly storing: BodyBudget;
}

/** A request on its way through the ingress. */
interface Visit {
  readonly ctx: Context;
  readonly parts: IngressParts;
  readonly budgets: Budgets;
  readonly name: ChannelName;
  readonly channel: Channel;
  /** As in the path; `undefined` where it ends with the channel. */
  readonly id: string | undefined;
}

/** Large bodies in memory at once, in bytes: ten of 25 MiB, from the first byte until the commit. */
const heldBytesMax = 268_435_456;

/** A large body waits this long for room. GitHub gives up after 10 s, some after 3 s. */
const roomWaitMaxMs = 5000;

/**
 * Large bodies on their way to PostgreSQL at once, in bytes. The driver copies all events of a
 * transaction into one message, half as large again: ten of 25 MiB would be 400 MB more, and take
 * longer than a statement may.
 */
const storingBytesMax = 33_554_432;

/** As long as a statement may take, for those before it. */
const storingWaitMaxMs = 10_000;

/**
 * Receive webhooks at `/v1/webhook/{channel}` and `/v1/webhook/{channel}/{id}`.
 *
 * An accepted event is answered 200 once it is committed; what cannot be committed is answered 503,
 * and a provider that retries loses nothing.
 */
export function ingress(parts: IngressParts): Middleware {
  const budgets: Budgets = {
    held: makeBodyBudget({ capacityBytes: heldBytesMax, waitMaxMs: roomWaitMaxMs }),
    storing: makeBodyBudget({ capacityBytes: storingBytesMax, waitMaxMs: storingWaitMaxMs }),
  };
  return async (ctx, next) => {
    const [isOurs, segment = '', id] = /^\/v1\/webhook\/([^/]*)(?:\/(.*))?$/.exec(ctx.path) ?? [];
    if (isOurs === undefined) {
      await next();
      return;
    }
    const name = channelNames.find((known) => known === segment);
    const channel = name && channels.get(name);
    if (name && channel) return receiveWebhook({ ctx, parts, budgets, name, channel, id });

    const built = [...channels.keys()].join(', ');
    const what = name ? `The channel "${name}" is not available yet` : 'There is no such channel';
    refuse(ctx, parts, { reason: 'not_found', detail: `${what}: use one of ${built}` });
  };
}

async function receiveWebhook(visit: Visit): Promise<void> {
  const { ctx, parts, budgets, channel } = visit;
  if (visit.name === 'generic' && visit.id !== undefined && !idPattern.test(visit.id)) {
    // Nothing to hide: it can be the id of nothing.
    return refuse(ctx, parts, { reason: 'not_found', detail: 'There is no such trigger' });
  }
  if (!channel.methods.includes(ctx.method)) return refuseMethod(visit, channel.methods);
  const read = await readRawRequest(ctx.req, {
    maxBodyBytes: parts.maxBodyBytes,
    budget: budgets.held,
  });
  if (read.kind !== 'read') return refuseUnread(visit, read.kind);
  const now = parts.now();
  try {
    const integration = await findOrStandIn(visit);
    await judge(visit, { request: read.request, integration, now });
  } catch (error) {
    parts.log.error({ err: error, request_id: requestIdOf(ctx) }, 'A webhook was not stored');
    renderRefusal(ctx, 'unavailable', 'The event was not stored: send it again');
  } finally {
    read.release();
  }
}

function refuseUnread({ ctx, parts, name }: Visit, kind: Exclude<RawRead['kind'], 'read'>): void {
  switch (kind) {
    case 'too_large': {
      const detail = `Send at most ${parts.maxBodyBytes} bytes`;
      return refuse(ctx, parts, { reason: 'body_too_large', detail, channel: name });
    }
    case 'no_room': {
      // Node reads past what is still to come of the body: closing would reset the answer away.
      const detail = 'Too many large bodies at once: send it again';
      return refuse(ctx, parts, { reason: 'unavailable', detail, channel: name });
    }
    case 'too_slow': {
      const detail = 'The body came too slowly: send at least 256 KiB a second';
      return refuse(ctx, parts, { reason: 'unavailable', detail, channel: name });
    }
    case 'aborted':
      parts.log.debug({ channel: name }, 'The sender went away in the middle of its request');
      ctx.status = 400; // Nobody reads it; Koa would call it a 404.
  }
}

async function judge(visit: Visit, { request, integration, now }: Judged): Promise<void> {
  const { ctx, parts, channel } = visit;
  const { toleranceS } = parts;
  const methods = methodsOf(channel, integration.mode);
  if (!methods.includes(request.method)) return refuseMethod(visit, methods);
  const received = channel.receive(request, integration, { now, toleranceS });
  if (received.kind === 'rejected') {
    return reject(visit, received, { request, integration, now });
  }
  parts.countUse(received.secretIds, now);
  if (received.kind === 'handshake') {
    return answer(ctx, { contentType: received.contentType, body: received.reply });
  }
  const { secretParameters = [] } = channel;
  const event = makeInboundEvent(received, { request, integration, now }, secretParameters);
  const { kind, eventId, start } = await store(visit, event, integration);
  const json = JSON.stringify({ event_id: eventId, status: kind });
  answer(ctx, channel.reply ?? { contentType: 'application/json', body: json });
  afterAnswer(ctx, start);
}

async function store(
  { parts, budgets }: Visit,
  event: Event,
  { triggerId }: Integration,
): ReturnType<IngressParts['accept']> {
  const { length } = event.body;
  if (length <= freeBytes) return parts.accept(event, { triggerId });
  const share = await budgets.storing.reserve(length, new AbortController().signal);
  if (!share) throw new Error('The large events before this one took too long to store');
  try {
    return await parts.accept(event, { triggerId });
  } finally {
    share.release();
  }
}

function reject(visit: Visit, rejection: Rejection, judged: Judged): void {
  const { ctx, parts, name } = visit;
  const { reason, detail, challenge } = rejection;
  if (challenge !== undefined) ctx.set('WWW-Authenticate', challenge);
  refuse(ctx, parts, { reason, detail, channel: name, integration_id: judged.integration.id });
  if (isWorthKeeping(rejection, judged)) {
    afterAnswer(ctx, () =>
      parts.keepRejected(makeRejectedRequest(rejection, judged, visit.channel)),
    );
  }
}

/** Not what a stranger's address got, which is nobody's, nor the question before a Basic password. */
function isWorthKeeping({ reason, challenge }: Rejection, { integration }: Judged): boolean {
  const isQuestion = challenge !== undefined && reason === 'token_missing';
  return integration.id !== standInId && !isQuestion;
}

function answer(ctx: Context, reply: { contentType: string; body: string }): void {
  ctx.status = 200;
  ctx.type = reply.contentType; // Before the body, or Koa looks into it for a type.
  ctx.body = reply.body;
}

/** `close` comes after the answer was handed over, and also when its reader has gone. */
function afterAnswer({ res, writable }: Context, start: () => void): void {
  if (writable) res.once('close', start);
  else start();
}

async function findOrStandIn({ parts, name, id }: Visit): Promise<Integration> {
  const canExist = id === undefined || idPattern.test(id);
  const found = canExist ? await parts.findIntegration(name, id) : undefined;
  return found ?? makeStandIn(name);
}

const standInId = 'unknown';

/** Judges an unknown address: nobody has its secret, so it can't be told from a wrong signature. */
function makeStandIn(name: ChannelName): Integration {
  const [{ mode, scheme, kinds }] = schemes[name];
  const value = randomBytes(32).toString('hex');
  return {
    id: standInId,
    tenantId: 'unknown',
    channel: name,
    mode,
    scheme,
    username: 'unknown',
    receiveId: null,
    toleranceS: null,
    dedupe: null,
    triggerId: null,
    secrets: kinds.map((kind) => ({ id: 'unknown', kind, value, expiresAt: null })),
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
