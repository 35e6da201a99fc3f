import { randomUUID } from 'node:crypto';
import type { Context, Middleware } from 'koa';
import type { Logger } from 'pino';
import { Problem, problems } from '../src/domain/problem.ts';
import { isConnectionLoss } from '../src/store/connection-loss.ts';

/** How long a client should wait while a part of the platform is away, in seconds. */
const retryAfterS = 5;

/**
 * Give each answer an `X-Request-Id` and turn what is thrown into `application/problem+json`.
 *
 * What is not a `Problem` is a bug: it is logged, and the answer tells the request id and nothing else.
 */
export function makeRenderProblem(log: Logger): Middleware {
  return async (ctx, next) => {
    const requestId = randomUUID();
    ctx.set('X-Request-Id', requestId);
    try {
      await next();
      if (ctx.status === 404 && ctx.body === undefined) {
        throw new Problem('not-found', 'Nothing lives at this address');
      }
    } catch (error) {
      answer(ctx, toProblem(error, log.child({ request_id: requestId })), requestId);
    }
  };
}

/** What is thrown, as a problem; what is none is logged, and says nothing of itself. */
export function toProblem(error: unknown, log: Logger): Problem {
  if (error instanceof Problem) return error;
  if (isSenderGone(error)) {
    log.debug('The sender went away in the middle of its request');
    return new Problem('malformed-json', 'The body ended early');
  }
  if (isDatabaseAway(error)) {
    log.warn({ err: error }, 'The database is away');
    return new Problem('unavailable', 'The database is away: try again');
  }
  log.error({ err: error }, 'A request failed');
  return new Problem('internal', 'The request id finds the cause in the log');
}

function answer(ctx: Context, problem: Problem, requestId: string): void {
  const { status, title } = problems[problem.code];
  ctx.status = status;
  if (/^(?:key|ack-token)-/.test(problem.code)) ctx.set('WWW-Authenticate', 'Bearer');
  if (status === 413) ctx.set('Connection', 'close');
  const waitS = problem.retryAfterS ?? (status === 503 ? retryAfterS : undefined);
  if (waitS !== undefined) ctx.set('Retry-After', String(waitS));
  ctx.body = {
    type: `/problems/${problem.code}`,
    title,
    status,
    detail: problem.message,
    request_id: requestId,
    ...(problem.errors.length > 0 && { errors: problem.errors }),
  };
  ctx.type = 'application/problem+json';
}

function isSenderGone(error: unknown): boolean {
  return error instanceof Error && 'type' in error && error.type === 'request.aborted';
}

/** PostgreSQL's `query_canceled`: it took longer than `statement_timeout`. */
const queryCanceled = '57014';

function isDatabaseAway(error: unknown): boolean {
  if (error instanceof Error && 'code' in error && error.code === queryCanceled) return true;
  return isConnectionLoss(error);
}
