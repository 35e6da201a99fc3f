import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Context, Middleware } from 'koa';
import { Problem } from '../src/domain/problem.ts';

const cookieName = 'durahook_session';

/** A session ends after eight hours without a request. */
const idleMs = 8 * 3_600_000;

/** A cookie is written anew after this much use: each time would defeat the browser's cache. */
const renewAfterMs = 600_000;

/** Links that log a browser in, each once. */
export interface LoginTokens {
  /** Whether the token was good; from here on it is not. */
  redeem(token: string): boolean;
}

/** Tokens that live in this process alone: a link is for whoever started it. */
export interface IssuedTokens extends LoginTokens {
  issue(): string;
}

export function makeLoginTokens(): IssuedTokens {
  const issued = new Set<string>();
  return {
    issue() {
      const token = randomBytes(32).toString('base64url');
      issued.add(token);
      return token;
    },
    redeem: (token) => issued.delete(token),
  };
}

/** The browser sessions of whoever opened a login link: a cookie that is signed, not stored. */
export interface Sessions {
  /** Log this browser in. */
  open(ctx: Context): void;
  /**
   * Go on with this browser's session.
   *
   * @throws Problem `login-needed`
   */
  require(ctx: Context): void;
}

/** @param secret - HMAC key; with another one every session is over */
export function makeSessions(secret: Buffer, now: () => Date): Sessions {
  function open(ctx: Context): void {
    const expiresAt = String(now().getTime() + idleMs);
    const value = `${expiresAt}.${sign(secret, expiresAt)}`;
    const secure = ctx.secure ? '; Secure' : '';
    const attributes = `Path=/; Max-Age=${idleMs / 1000}; HttpOnly; SameSite=Lax${secure}`;
    ctx.append('Set-Cookie', `${cookieName}=${value}; ${attributes}`);
  }
  return {
    open,
    require(ctx) {
      const leftMs = expiryOf(secret, ctx.get('Cookie')) - now().getTime();
      if (!(leftMs > 0)) {
        throw new Problem('login-needed', 'Open the login link that was printed at start');
      }
      if (leftMs < idleMs - renewAfterMs) open(ctx);
    },
  };
}

/** `GET /login?token=…`: a good link leads to the Temporal Web UI, logged in. */
export function makeLogin(sessions: Sessions, tokens: LoginTokens): Middleware {
  return async (ctx, next) => {
    if (ctx.path !== '/login' || ctx.method !== 'GET') {
      await next();
      return;
    }
    const token = new URLSearchParams(ctx.querystring).get('token');
    if (token === null || !tokens.redeem(token)) {
      throw new Problem('login-needed', 'This link was used or is too old: ask for a new one');
    }
    sessions.open(ctx);
    ctx.set('Cache-Control', 'no-store');
    ctx.status = 303;
    ctx.set('Location', '/temporal/');
    ctx.body = '';
  };
}

/** The header `Cookie` without the session: nobody behind us needs it. */
export function withoutSession(cookies: string): string {
  return cookies
    .split(';')
    .map((cookie) => cookie.trim())
    .filter((cookie) => cookie !== '' && !cookie.startsWith(`${cookieName}=`))
    .join('; ');
}

/** When the session in these cookies ends, in milliseconds; NaN without a good signature. */
function expiryOf(secret: Buffer, cookies: string): number {
  const pattern = new RegExp(`(?:^|; *)${cookieName}=(\\d{1,15})\\.([\\w-]{43})(?=;|$)`);
  const [, expiresAt = '', signature = ''] = pattern.exec(cookies) ?? [];
  const expected = Buffer.from(sign(secret, expiresAt));
  const given = Buffer.from(signature);
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return Number.NaN;
  return Number(expiresAt);
}

function sign(secret: Buffer, expiresAt: string): string {
  return createHmac('sha256', secret).update(`session:${expiresAt}`).digest('base64url');
}
