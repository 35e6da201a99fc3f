import { request as openRequest } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Context, Middleware } from 'koa';
import { Problem } from '../src/domain/problem.ts';
import { refuseCrossSite } from './cross-site.ts';
import { answerLoginNeeded, loginNeeded, withoutSession } from './login.ts';
import type { Sessions } from './login.ts';

/** Headers of one hop (RFC 9110, 7.6.1), which a proxy must not hand on. */
const hopHeaders: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** What is ours alone, or is set anew. */
const keptBack: ReadonlySet<string> = new Set(['authorization', 'cookie', 'host', 'expect']);

/** A UI that is silent for longer is taken for away. */
const silenceMaxMs = 30_000;

/** The Temporal Web UI under `/temporal`, for logged-in browsers: it can terminate workflows. */
export function makeTemporalUi(ui: { readonly origin: string }, sessions: Sessions): Middleware {
  return async (ctx, next) => {
    if (!/^\/temporal(?:\/|$)/.test(ctx.path)) {
      await next();
      return;
    }
    if (typeof sessions.find(ctx) !== 'object') {
      if (!isOpening(ctx)) throw loginNeeded();
      answerLoginNeeded(ctx, 'This browser has no session, or it is over.');
      return;
    }
    refuseCrossSite(ctx);
    const answer = await forward(ctx, ui.origin);
    ctx.status = answer.statusCode ?? 502;
    for (const [name, value] of Object.entries(endToEnd(answer.headers))) {
      // The session's renewal is in `Set-Cookie` too.
      if (name === 'set-cookie') ctx.append(name, value);
      else ctx.set(name, value);
    }
    // Else what is between keeps a cookie, perhaps of a session, for whoever asks next.
    if (ctx.res.hasHeader('Set-Cookie')) ctx.set('Cache-Control', 'private, no-store');
    if ([204, 304].includes(ctx.status)) answer.resume();
    else ctx.body = answer.once('error', () => ctx.res.destroy());
  };
}

/** Whether a person looks at the answer, not a script. */
function isOpening(ctx: Context): boolean {
  return ctx.method === 'GET' && ctx.get('Accept').includes('text/html');
}

function forward(ctx: Context, origin: string): Promise<IncomingMessage> {
  const { hostname, port } = new URL(origin);
  const cookie = withoutSession(ctx.get('Cookie'));
  const headers = Object.fromEntries(
    Object.entries(endToEnd(ctx.req.headers)).filter(([name]) => !keptBack.has(name)),
  );
  return new Promise((resolve, reject) => {
    const request = openRequest({
      hostname: hostname.replaceAll(/[[\]]/g, ''),
      port,
      method: ctx.method,
      path: ctx.req.url ?? '/',
      headers: { ...headers, ...(cookie !== '' && { cookie }) },
      timeout: silenceMaxMs,
    });
    request.once('response', resolve);
    request.once('timeout', () => request.destroy());
    request.on('error', () => reject(new Problem('unavailable', 'The Temporal Web UI is away')));
    ctx.res.once('close', () => request.destroy());
    ctx.req.pipe(request);
  });
}

/** Without headers of one hop, those that `Connection` names included. */
function endToEnd(headers: IncomingHttpHeaders): Record<string, string | string[]> {
  const named = (headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase());
  const kept: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || hopHeaders.has(name) || named.includes(name)) continue;
    kept[name] = value;
  }
  return kept;
}
