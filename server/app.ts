import Koa from 'koa';
import type { Middleware } from 'koa';
import type { Knex } from 'knex';
import type { Logger } from 'pino';
import type { Sealer } from '../src/runtime/sealing.ts';
import { makeAuthenticate } from './auth.ts';
import { makeHealth } from './health.ts';
import type { Check } from './health.ts';
import { makeLogin, makeSessions } from './login.ts';
import type { LoginTokens } from './login.ts';
import { makeOpenapi } from './openapi.ts';
import { makeRenderProblem } from './problem.ts';
import type { Release } from './release.ts';
import { mount } from './route.ts';
import type { MountableRoute } from './route.ts';
import { deadLetterRoutes } from './routes/dead-letters.ts';
import { deliveryRoutes } from './routes/deliveries.ts';
import { endpointRoutes } from './routes/endpoints.ts';
import { eventTypeRoutes } from './routes/event-types.ts';
import { eventRoutes } from './routes/events.ts';
import type { PublishEvent } from './routes/events.ts';
import { integrationSecretRoutes } from './routes/integration-secrets.ts';
import { integrationRoutes } from './routes/integrations.ts';
import { rejectedRequestRoutes } from './routes/rejected-requests.ts';
import { replayRoutes } from './routes/replays.ts';
import { signatureDoctorRoutes } from './routes/signature-doctor.ts';
import { triggerRunRoutes } from './routes/trigger-runs.ts';
import { triggerRoutes } from './routes/triggers.ts';
import { makeTemporalUi } from './temporal-ui.ts';

/** What the HTTP application is made of. */
export interface AppParts {
  readonly db: Knex;
  readonly log: Logger;
  readonly now: () => Date;
  /** Takes `/v1/webhook/…`, lets the rest through. */
  readonly ingress: Middleware;
  readonly publish: PublishEvent;
  /** Verifies a rejected request again, and accepts it. */
  readonly release: Release;
  readonly sealer: Sealer;
  /** Why a URL can't be an endpoint's, or `undefined`. */
  readonly refuseUrl: (raw: string) => string | undefined;
  readonly makeEndpointSecret: () => string;
  /** In seconds: how far a signed timestamp may be from our clock, where nothing else is set. */
  readonly toleranceS: number;
  /** Where providers reach this server. */
  readonly publicUrl: string;
  /** Called after each change of an integration: what is remembered of it no longer holds. */
  readonly onIntegrationChange: (id: string) => void;
  /** Start what was planned; called after a commit, not waited for. */
  readonly wake: () => void;
  /** What `/readyz` asks. */
  readonly checks: readonly Check[];
  /** Where the Temporal Web UI listens; undefined = it is not shown. */
  readonly temporalUi: { readonly origin: string } | undefined;
  /** Signs the cookie of browser sessions. */
  readonly loginSecret: Buffer;
  readonly loginTokens: LoginTokens;
}

/** The HTTP application. Order of middleware is order of reading. */
export function makeApp(parts: AppParts): Koa {
  const { db, log, now } = parts;
  const app = new Koa();
  const routes = apiRoutes(parts);
  const sessions = makeSessions(parts.loginSecret, now);
  // What fails here is no request's fault but the socket's: the sender left while it was answered.
  app.on('error', (error: unknown) => log.debug({ err: error }, 'An answer was not sent'));
  app.use(safeHeaders);
  app.use(makeRenderProblem(log));
  app.use(parts.ingress);
  app.use(mount(routes, makeAuthenticate(db, now)));
  app.use(makeHealth(parts.checks));
  app.use(serveOpenapi(routes));
  app.use(makeLogin(sessions, parts.loginTokens));
  if (parts.temporalUi) app.use(makeTemporalUi(parts.temporalUi, sessions));
  return app;
}

/** Every route under `/v1` that needs a key. */
function apiRoutes(parts: AppParts): MountableRoute[] {
  const { db, wake } = parts;
  return [
    ...eventRoutes(db, parts.publish),
    ...eventTypeRoutes(),
    ...endpointRoutes(parts),
    ...integrationRoutes(parts),
    ...integrationSecretRoutes(parts),
    ...deliveryRoutes(db),
    ...deadLetterRoutes(db, wake),
    ...rejectedRequestRoutes(parts),
    ...signatureDoctorRoutes(parts),
    ...replayRoutes(parts),
    ...triggerRoutes(db),
    ...triggerRunRoutes(db),
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

function serveOpenapi(routes: readonly MountableRoute[]): Middleware {
  const document = JSON.stringify(makeOpenapi(routes));
  return async (ctx, next) => {
    if (ctx.path !== '/openapi.json') {
      await next();
      return;
    }
    ctx.type = 'application/json';
    ctx.body = document;
  };
}
