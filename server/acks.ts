import type { Middleware } from 'koa';
import { hasBody, readJson } from './json-body.ts';
import type { MountableRoute } from './route.ts';

/** In bytes: a token, an outcome and a sentence fit in well. */
const bodyMax = 8192;

/**
 * Serve the route by which consumers acknowledge what they took: whoever has the token of an attempt,
 * in `Authorization: Bearer …` or in the body, needs no API key.
 */
export function makeAcks(route: MountableRoute): Middleware {
  return async (ctx, next) => {
    const [, id] = /^\/v1\/deliveries\/([A-Za-z0-9_-]{1,100})\/ack$/.exec(ctx.path) ?? [];
    if (id === undefined || ctx.method !== 'POST') {
      await next();
      return;
    }
    ctx.set('Cache-Control', 'no-store');
    const [, token] = /^bearer +(\S+)$/i.exec(ctx.get('Authorization')) ?? [];
    const sent = hasBody(ctx.req) ? (await readJson(ctx.req, bodyMax)).value : {};
    const isObject = typeof sent === 'object' && sent !== null && !Array.isArray(sent);
    const body = isObject ? { ...(token !== undefined && { token }), ...sent } : sent;
    const { status, body: answer } = await route.run({ ...nobody, id, body });
    ctx.status = status;
    ctx.body = answer;
  };
}

/** The consumer: known by its token alone, which speaks for one attempt and no tenant. */
const nobody = {
  tenantId: '',
  actor: '',
  scopes: [],
  itemId: '',
  query: {},
  traceparent: null,
  claimId: null,
} as const;
