import type { Middleware } from 'koa';
import type { Knex } from 'knex';
import type { Logger } from 'pino';
import { ingress } from '../server/ingress.ts';
import { makeRelease } from '../server/release.ts';
import type { Release } from '../server/release.ts';
import type { Config } from './runtime/config.ts';
import { acceptEvent, openIntegration } from './runtime/inbound.ts';
import { makeIntegrationCache } from './runtime/integration-cache.ts';
import type { Recorder } from './runtime/recorder.ts';
import { makeRejectedRequestKeeper } from './runtime/rejected-requests.ts';
import type { Sealer } from './runtime/sealing.ts';
import { makeSecretUseCounter } from './runtime/secret-use.ts';
import type { Starter } from './runtime/starter.ts';
import type { TriggerWatch } from './runtime/trigger-watch.ts';

export interface IngressSideParts {
  readonly db: Knex;
  readonly config: Pick<Config, 'MAX_BODY' | 'TIMESTAMP_TOLERANCE'>;
  readonly log: Logger;
  readonly now: () => Date;
  readonly sealer: Sealer;
  readonly recorder: Recorder;
  readonly starter: Starter;
  readonly triggers: TriggerWatch;
}

/** The ingress, with all that it writes besides events. */
export interface IngressSide {
  readonly receive: Middleware;
  readonly release: Release;
  /** To be called when an integration was changed: its old secrets stop counting at once. */
  readonly forgetIntegrations: () => void;
  /** Writes what is still in memory. */
  close(): Promise<void>;
}

export function openIngress(parts: IngressSideParts): IngressSide {
  const { db, config, log, now, sealer, recorder, starter, triggers } = parts;
  const plan: TriggerWatch['plan'] = (event, triggerId) => triggers.plan(event, triggerId);
  const integrations = makeIntegrationCache((channel, id) =>
    openIntegration({ db, sealer }, channel, id),
  );
  const uses = makeSecretUseCounter(db, log);
  const rejected = makeRejectedRequestKeeper({ db, sealer, log });
  const countUse = (ids: readonly string[], at: Date): void => uses.count(ids, at);
  const toleranceS = config.TIMESTAMP_TOLERANCE;
  return {
    receive: ingress({
      findIntegration: integrations.find,
      accept: (event, { triggerId }) => acceptEvent({ recorder, starter, plan }, event, triggerId),
      countUse,
      keepRejected: (request) => rejected.keep(request),
      now,
      maxBodyBytes: config.MAX_BODY,
      toleranceS,
      log,
    }),
    release: makeRelease({ db, sealer, starter, plan, countUse, now, toleranceS }),
    forgetIntegrations: integrations.forget,
    async close() {
      await Promise.all([uses.close(), rejected.close()]);
    },
  };
}
