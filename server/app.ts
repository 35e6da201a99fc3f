import Koa from 'koa';
import type { Middleware } from 'koa';
import type { Knex } from 'knex';
import type { Logger } from 'pino';
import type { Retention } from '../src/domain/retention.ts';
import type { AckTokens } from '../src/runtime/ack-token.ts';
import type { FailedWorkflows } from '../src/runtime/failed-workflows.ts';
import type { Publish } from '../src/runtime/publish.ts';
import type { Sealer } from '../src/runtime/sealing.ts';
import type { SystemStatus } from '../src/runtime/system-status.ts';
import type { Quotas } from '../src/runtime/quotas.ts';
import { makeAcks } from './acks.ts';
import { makeAuthenticate } from './auth.ts';
import { makeConsole } from './console.ts';
import { makeHealth } from './health.ts';
import type { Check } from './health.ts';
import { makeIdempotency } from './idempotency.ts';
import type { Live } from './live.ts';
import { makeLogin, makeLogout, makeSessions, sessionCookieOf } from './login.ts';
import { makeOpenapi } from './openapi.ts';
import { makeRenderProblem } from './problem.ts';
import type { Release } from './release.ts';
import { mount } from './route.ts';
import type { MountableRoute } from './route.ts';
import { apiKeyRoutes } from './routes/api-keys.ts';
import { auditLogRoutes } from './routes/audit-log.ts';
import { budgetRoutes } from './routes/budgets.ts';
import { channelRoutes } from './routes/channels.ts';
import { deadLetterRoutes } from './routes/dead-letters.ts';
import { ackRoute } from './routes/delivery-acks.ts';
import { deliveryRoutes } from './routes/deliveries.ts';
import { deliveryRedriveRoutes } from './routes/delivery-redrive.ts';
import { deliveryRequestRoutes } from './routes/delivery-request.ts';
import { deliverySteeringBulkRoutes } from './routes/delivery-steering-bulk.ts';
import { deliverySteeringRoutes } from './routes/delivery-steering.ts';
import { endpointSecretRoutes } from './routes/endpoint-secrets.ts';
import { endpointStateRoutes } from './routes/endpoint-states.ts';
import { endpointTestRoutes } from './routes/endpoint-tests.ts';
import type { SendTest } from './routes/endpoint-tests.ts';
import { endpointRoutes } from './routes/endpoints.ts';
import { eventExpungeRoutes } from './routes/event-expunge.ts';
import { eventBatchRoutes } from './routes/event-batch.ts';
import { eventTypeRoutes } from './routes/event-types.ts';
import { eventRoutes } from './routes/events.ts';
import { importRoutes } from './routes/imports.ts';
import { integrationSecretRoutes } from './routes/integration-secrets.ts';
import { integrationTestRoutes } from './routes/integration-tests.ts';
import type { SendTestRequest } from './routes/integration-tests.ts';
import { integrationRoutes } from './routes/integrations.ts';
import { loginLinkRoutes } from './routes/login-links.ts';
import { quotaRoutes } from './routes/quota.ts';
import { rejectedRequestRoutes } from './routes/rejected-requests.ts';
import { replayMoveRoutes } from './routes/replay-moves.ts';
import { replayRetryRoute } from './routes/replay-retry.ts';
import { replayRoutes } from './routes/replays.ts';
import { retentionRoutes } from './routes/retention.ts';
import { sessionReportRoutes } from './routes/session-reports.ts';
import { sessionRoutes } from './routes/sessions.ts';
import { signatureDoctorRoutes } from './routes/signature-doctor.ts';
import { statisticsRoutes } from './routes/statistics.ts';
import { systemRoutes } from './routes/system.ts';
import { triggerBacktestRoutes } from './routes/trigger-backtest.ts';
import { triggerDryRunRoutes } from './routes/trigger-dry-run.ts';
import { triggerRunRoutes } from './routes/trigger-runs.ts';
import { triggerSaveRoutes } from './routes/trigger-save.ts';
import { triggerValidateRoutes } from './routes/trigger-validate.ts';
import { triggerRoutes } from './routes/triggers.ts';
import { makeTemporalMarkdown } from './temporal-markdown.ts';
import { makeTemporalUi } from './temporal-ui.ts';
import { serveTriggerSchema } from './trigger-schema.ts';

/** What the HTTP application is made of. */
export interface AppParts {
  readonly db: Knex;
  readonly log: Logger;
  readonly now: () => Date;
  /** Takes `/v1/webhook/…`, lets the rest through. */
  readonly ingress: Middleware;
  readonly publish: Publish;
  /** What of it a tenant may do through the API. */
  readonly quotas: Quotas;
  /** Verifies a rejected request again, and accepts it. */
  readonly release: Release;
  readonly sealer: Sealer;
  /** Why nothing may be sent to a URL, or `undefined`: also for the address that stands in it. */
  readonly refuseUrl: (raw: string) => string | undefined;
  readonly makeEndpointSecret: () => string;
  /** Sends a test event to an endpoint, as attempts are sent. */
  readonly sendTest: SendTest;
  /** Of the deliveries started here: waits before each attempt, in milliseconds. */
  readonly schedule: readonly number[];
  /** How long a consumer has to answer, where its endpoint sets nothing else. */
  readonly timeoutMs: number;
  /** The `User-Agent` of attempts. */
  readonly userAgent: string;
  /** How long what is stored is kept. */
  readonly retention: Retention;
  /** In seconds: how far a signed timestamp may be from our clock, where nothing else is set. */
  readonly toleranceS: number;
  /** Where providers reach this server. */
  readonly publicUrl: string;
  /** Called after each change of an integration: what is remembered of it no longer holds. */
  readonly onIntegrationChange: (id: string) => void;
  /** Called after each change of a trigger: when it has returned, events meet the new revision. */
  readonly onTriggersChange: () => Promise<void>;
  /** Start what was planned; called after a commit, not waited for. */
  readonly wake: () => void;
  /** Tells the workflow of a replay that its state has changed; not waited for. */
  readonly pokeReplay: (id: string) => void;
  /** Sends a signed test of an integration to our own ingress. */
  readonly sendTestRequest: SendTestRequest;
  /** Streams of new rows; to be closed before the server is. */
  readonly live: Live;
  /** What this process and the parts it stands on say of themselves. */
  readonly readSystem: () => Promise<SystemStatus>;
  /** What Temporal counts as failed of a tenant; null when it is away. */
  readonly countFailedWorkflows: (tenantId: string) => Promise<FailedWorkflows | null>;
  /** What `/readyz` asks. */
  readonly checks: readonly Check[];
  /** Where the Temporal Web UI listens; undefined = it is not shown. */
  readonly temporalUi: { readonly origin: string } | undefined;
  /** Where the build of the console lies. */
  readonly consoleFolder: string;
  /** Signs the cookie of browser sessions. */
  readonly loginSecret: Buffer;
  /** Reads what consumers acknowledge attempts with. */
  readonly ackTokens: AckTokens;
}

/** The HTTP application. Order of middleware is order of reading. */
export function makeApp(parts: AppParts): Koa {
  const { db, log, now } = parts;
  const app = new Koa();
  const routes = apiRoutes(parts);
  const acks = ackRoute(parts);
  const { loginSecret: secret, publicUrl } = parts;
  const sessions = makeSessions({ secret, publicUrl, now });
  const authenticate = makeAuthenticate({ db, log, now, sessions });
  // What fails here is no request's fault but the socket's: the sender left while it was answered.
  app.on('error', (error: unknown) => log.debug({ err: error }, 'An answer was not sent'));
  app.use(safeHeaders);
  app.use(makeRenderProblem(log));
  app.use(parts.ingress);
  app.use(makeLogout(sessions));
  app.use(parts.live.serve((ctx) => authenticate(ctx, 'read')));
  app.use(makeAcks(acks));
  app.use(mount(routes, { authenticate, idempotency: makeIdempotency(parts) }));
  app.use(makeHealth(parts.checks));
  app.use(serveOpenapi(makeOpenapi([...routes, acks], sessionCookieOf(publicUrl))));
  app.use(serveTriggerSchema);
  app.use(makeLogin({ db, sessions, now }));
  app.use(makeConsole(parts.consoleFolder));
  if (parts.temporalUi) {
    app.use(makeTemporalMarkdown(sessions));
    app.use(makeTemporalUi(parts.temporalUi, sessions));
  }
  return app;
}

/** Every route under `/v1` that needs a key. */
function apiRoutes(parts: AppParts): MountableRoute[] {
  const { db, wake } = parts;
  return [
    ...eventRoutes(parts),
    ...eventBatchRoutes(parts),
    ...quotaRoutes(parts),
    ...eventExpungeRoutes(db),
    ...eventTypeRoutes(),
    ...endpointRoutes(parts),
    ...endpointStateRoutes(parts),
    ...endpointSecretRoutes(parts),
    ...endpointTestRoutes(parts),
    ...integrationRoutes(parts),
    ...integrationSecretRoutes(parts),
    ...integrationTestRoutes(parts),
    ...channelRoutes(),
    ...deliveryRoutes(parts),
    ...deliveryRequestRoutes(parts),
    ...deliveryRedriveRoutes(parts),
    ...deliverySteeringRoutes(parts),
    ...deliverySteeringBulkRoutes(parts),
    ...deadLetterRoutes(db, wake),
    ...statisticsRoutes(db, parts.now),
    ...systemRoutes(parts),
    ...retentionRoutes(parts),
    ...rejectedRequestRoutes(parts),
    ...signatureDoctorRoutes(parts),
    ...replayRoutes(parts),
    ...replayMoveRoutes(parts),
    replayRetryRoute(parts),
    ...triggerRoutes(db),
    ...triggerSaveRoutes(parts),
    ...triggerValidateRoutes(parts),
    ...triggerDryRunRoutes(parts),
    ...triggerBacktestRoutes(parts),
    ...triggerRunRoutes(db, wake),
    ...importRoutes(parts),
    ...budgetRoutes(parts),
    ...sessionRoutes(parts),
    ...sessionReportRoutes(parts),
    ...apiKeyRoutes(parts),
    ...loginLinkRoutes(parts),
    ...auditLogRoutes(db),
  ];
}

/** A browser makes nothing of an answer of ours but what it says it is. The Web UI is a page and brings its own. */
const safeHeaders: Middleware = async (ctx, next) => {
  ctx.set('X-Content-Type-Options', 'nosniff');
  if (!/^\/temporal(?:\/|$)/.test(ctx.path)) {
    ctx.set('Referrer-Policy', 'no-referrer');
    ctx.set('Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'");
  }
  await next();
};

function serveOpenapi(openapi: unknown): Middleware {
  const document = JSON.stringify(openapi);
  return async (ctx, next) => {
    if (ctx.path !== '/openapi.json') {
      await next();
      return;
    }
    ctx.type = 'application/json';
    ctx.body = document;
  };
}
