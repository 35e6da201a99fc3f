import { send } from '@koa/send';
import type { Middleware } from 'koa';
import { Problem } from '../src/domain/problem.ts';

/** Our scripts and nobody else's; the styles that Mantine and Swagger UI make at run time are inline. */
const policy = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'self'",
].join('; ');

/** Files with a hash in their name never change: a year, which is the longest that caches keep. */
const hashedMaxAgeMs = 365 * 86_400_000;

/**
 * The console under `/console/` and the API's page at `/docs`, from the folder that the build filled.
 *
 * Every address of the console is the same page, which knows what to show. The files hold no data:
 * those come from `/v1`, to whoever is logged in.
 */
export function makeConsole(folder: string): Middleware {
  return async (ctx, next) => {
    const file = ['GET', 'HEAD'].includes(ctx.method) ? fileAt(ctx.path) : undefined;
    if (file === undefined) {
      await next();
      return;
    }
    if (['/', '/console'].includes(ctx.path)) {
      ctx.redirect('/console/');
      return;
    }
    const isHashed = file.startsWith('assets/');
    const maxAge = isHashed ? hashedMaxAgeMs : 0;
    ctx.set('Content-Security-Policy', policy);
    try {
      await send(ctx, file, { root: folder, maxAge, immutable: isHashed, gzip: true });
    } catch (error) {
      throw toProblem(error, isHashed);
    }
  };
}

/** The file of the build that an address shows. */
function fileAt(path: string): string | undefined {
  const [, asset] = /^\/console\/(assets\/.+)$/.exec(path) ?? [];
  if (asset !== undefined) return asset;
  if (/^\/docs\/?$/.test(path)) return 'docs/index.html';
  return path === '/' || /^\/console(?:\/|$)/.test(path) ? 'index.html' : undefined;
}

/** @koa/send throws errors with a status for what is not there or lies outside of the folder. */
function toProblem(error: unknown, isHashed: boolean): unknown {
  const status = error instanceof Error && 'status' in error ? error.status : undefined;
  if (status !== 400 && status !== 403 && status !== 404) return error;
  const advice = isHashed
    ? 'There is no such file: reload the page'
    : 'The console is not built: npm run build:console does it';
  return new Problem('not-found', advice);
}
