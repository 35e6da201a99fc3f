import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import type { Context, Middleware } from 'koa';
import type { Knex } from 'knex';
import { Problem } from '../src/domain/problem.ts';
import { refuseCrossSite } from './cross-site.ts';
import { redeemLoginToken } from './login-link.ts';
import { makeLoginRate } from './login-rate.ts';

const plainName = 'durahook_session';

/** Browsers take a cookie of such a name over https only, and only from this very host. */
const secureName = `__Host-${plainName}`;

/** A session ends after eight hours without a request. */
const idleMs = 8 * 3_600_000;

/** A cookie is written anew after this much use: each time would defeat the browser's cache. */
const renewAfterMs = 600_000;

/** However much it is used: a console that is left open asks for ever, and so does a thief. */
const lifetimeMs = 7 * 86_400_000;

/** A browser session that goes on. */
export interface Session {
  readonly tenantId: string;
}

/** The browser sessions of whoever opened a login link: a cookie that is signed, not stored. */
export interface Sessions {
  /** Log this browser in. */
  open(ctx: Context, tenantId: string): void;
  /** Go on with this browser's session; `over` when it has a cookie that is not good any more. */
  find(ctx: Context): Session | 'none' | 'over';
  /**
   * Go on with this browser's session.
   *
   * @throws Problem `login-needed`
   */
  require(ctx: Context): Session;
  /** Take the cookie away; whoever copied it keeps it until its end. */
  close(ctx: Context): void;
}

export interface SessionParts {
  /** The sessions' key is made from it: with another one every session is over. */
  readonly secret: Buffer;
  /** Where people reach this server: over https, cookies are for https alone. */
  readonly publicUrl: string;
  readonly now: () => Date;
}

/** What the cookie says: times in milliseconds. */
interface Ticket extends Session {
  /** When the browser logged in. */
  readonly issuedAt: number;
  readonly expiresAt: number;
}

export function makeSessions({ secret, publicUrl, now }: SessionParts): Sessions {
  const key = Buffer.from(hkdfSync('sha256', secret, '', 'durahook browser session', 32));
  const isSecure = publicUrl.startsWith('https:');
  const name = sessionCookieOf(publicUrl);
  const attributes = `Path=/; HttpOnly; SameSite=Lax${isSecure ? '; Secure' : ''}`;

  function write(ctx: Context, tenantId: string, issuedAt: number): void {
    const at = now().getTime();
    const expiresAt = Math.min(at + idleMs, issuedAt + lifetimeMs);
    const value = encode(key, { tenantId, issuedAt, expiresAt });
    const maxAge = `Max-Age=${Math.ceil((expiresAt - at) / 1000)}`;
    ctx.append('Set-Cookie', `${name}=${value}; ${maxAge}; ${attributes}`);
  }

  function find(ctx: Context): Session | 'none' | 'over' {
    const values = valuesOf(ctx.get('Cookie'), name);
    if (values.length === 0) return 'none';
    const at = now().getTime();
    // Another server of this host can set a cookie of the same name beside ours: it is not signed.
    const ticket = values.map((value) => decode(key, value)).find((it) => it && it.expiresAt > at);
    if (!ticket) return 'over';
    const { tenantId, issuedAt, expiresAt } = ticket;
    const canGrow = expiresAt < issuedAt + lifetimeMs;
    if (canGrow && expiresAt - at < idleMs - renewAfterMs) write(ctx, tenantId, issuedAt);
    return { tenantId };
  }

  return {
    find,
    open: (ctx, tenantId) => write(ctx, tenantId, now().getTime()),
    require(ctx) {
      const session = find(ctx);
      if (typeof session === 'object') return session;
      throw loginNeeded();
    },
    close: (ctx) => ctx.set('Set-Cookie', `${name}=; Max-Age=0; ${attributes}`),
  };
}

/** The name of the cookie that a browser session is in, where people reach this server at such a URL. */
export function sessionCookieOf(publicUrl: string): string {
  return publicUrl.startsWith('https:') ? secureName : plainName;
}

/** The header `Cookie` without the session: nobody behind us needs it. */
export function withoutSession(cookies: string): string {
  return cookies
    .split(';')
    .map((cookie) => cookie.trim())
    .filter((cookie) => cookie !== '')
    .filter((cookie) => ![plainName, secureName].some((name) => cookie.startsWith(`${name}=`)))
    .join('; ');
}

function valuesOf(cookies: string, name: string): string[] {
  return cookies
    .split(';')
    .map((cookie) => cookie.trim())
    .filter((cookie) => cookie.startsWith(`${name}=`))
    .map((cookie) => cookie.slice(name.length + 1));
}

function encode(key: Buffer, { tenantId, issuedAt, expiresAt }: Ticket): string {
  const said = `${issuedAt}.${expiresAt}.${tenantId}`;
  return `${said}.${sign(key, said)}`;
}

/** What a cookie says, when it is ours. */
function decode(key: Buffer, value: string): Ticket | undefined {
  const pattern = /^((\d{1,15})\.(\d{1,15})\.(\w{1,100}))\.([\w-]{43})$/;
  const [, said = '', issuedAt, expiresAt, tenantId = '', signature = ''] =
    pattern.exec(value) ?? [];
  const expected = Buffer.from(sign(key, said));
  const given = Buffer.from(signature);
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
  return { tenantId, issuedAt: Number(issuedAt), expiresAt: Number(expiresAt) };
}

function sign(key: Buffer, said: string): string {
  return createHmac('sha256', key).update(said).digest('base64url');
}

/** What a script is answered whose browser's session is over. */
export function loginNeeded(): Problem {
  const detail =
    'Open a login link: `npx durahook login-link` (or `POST /v1/login-links`) makes one';
  return new Problem('login-needed', detail);
}

export interface LoginParts {
  readonly db: Knex;
  readonly sessions: Sessions;
  readonly now: () => Date;
}

/** `GET /login?token=…&next=…`: a good link leads to the console, or to `next`, logged in. */
export function makeLogin({ db, sessions, now }: LoginParts): Middleware {
  const rate = makeLoginRate(now);

  function refuse(ctx: Context): void {
    const waitS = rate.fail(ctx.ip);
    if (waitS === 0) {
      answerLoginNeeded(ctx, 'This link was used before, or is too old.');
      return;
    }
    ctx.set('Retry-After', String(waitS));
    const text = `Wait ${waitS} seconds, then open a new link.`;
    answerPage(ctx, { status: 429, title: 'Too many attempts', text });
  }

  return async (ctx, next) => {
    if (ctx.path !== '/login') {
      await next();
      return;
    }
    ctx.set('Cache-Control', 'no-store');
    if (isOnlyLooking(ctx)) return;
    const query = new URLSearchParams(ctx.querystring);
    const tenantId = await redeemLoginToken(db, query.get('token') ?? '', now());
    if (tenantId === undefined) {
      refuse(ctx);
      return;
    }
    sessions.open(ctx, tenantId);
    ctx.status = 303;
    ctx.set('Location', placeOf(query.get('next') ?? ''));
    ctx.body = '';
  };
}

/** Whoever looks at a link before a person does must not use it up: mail scanners, prefetching. */
function isOnlyLooking(ctx: Context): boolean {
  if (ctx.method === 'HEAD') {
    ctx.status = 200;
    return true;
  }
  if (ctx.method !== 'GET') {
    ctx.set('Allow', 'GET, HEAD');
    throw new Problem('method-not-allowed', 'Use one of GET, HEAD');
  }
  if (!`${ctx.get('Sec-Purpose')} ${ctx.get('Purpose')}`.includes('prefetch')) return false;
  // A prefetched answer other than a success is thrown away, and the address asked for again.
  answerPage(ctx, { status: 503, title: 'Not now', text: 'A login link is for opening.' });
  return true;
}

/** Where a login leads: a path of the console or the Web UI, never another site or address. */
function placeOf(next: string): string {
  const home = '/console/';
  const origin = 'http://self.invalid';
  // `\` is a slash to browsers, and control characters are nothing to them.
  if (!/^\/[^\\\p{Cc}]*$/u.test(next) || !URL.canParse(next, origin)) return home;
  const url = new URL(next, origin);
  const isOurs = url.origin === origin && /^\/(?:console|temporal)\//.test(url.pathname);
  return isOurs ? `${url.pathname}${url.search}${url.hash}` : home;
}

/** `POST /v1/logout`: take this browser's session away. */
export function makeLogout(sessions: Sessions): Middleware {
  return async (ctx, next) => {
    if (ctx.path !== '/v1/logout' || ctx.method !== 'POST') {
      await next();
      return;
    }
    sessions.require(ctx);
    refuseCrossSite(ctx);
    sessions.close(ctx);
    ctx.status = 204;
  };
}

/** What a browser without a session is shown instead of a page: 401, and how to get a link. */
export function answerLoginNeeded(ctx: Context, why: string): void {
  const text = `${why} To log in, open a new link: <code>npx durahook login-link</code> prints one.`;
  answerPage(ctx, { status: 401, title: 'Log in first', text });
}

interface PageContent {
  readonly status: number;
  readonly title: string;
  /** In HTML; nothing of a request is repeated in it. */
  readonly text: string;
}

function answerPage(ctx: Context, { status, title, text }: PageContent): void {
  ctx.status = status;
  ctx.set('Cache-Control', 'no-store');
  ctx.set('Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'");
  ctx.set('Referrer-Policy', 'no-referrer');
  ctx.type = 'text/html; charset=utf-8';
  ctx.body = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title} – Durahook</title>
<h1>${title}</h1>
<p>${text}</p>
</html>
`;
}
