import type { Context } from 'koa';
import { Problem } from '../src/domain/problem.ts';

/**
 * A page elsewhere must not act with this browser's cookie: only our own pages change things.
 *
 * Browsers send `Sec-Fetch-Site` to https and to loopback only; elsewhere `Origin` has to say it.
 * Who sends neither is no browser, and has a key.
 *
 * @throws Problem `cross-site`, never for `GET` and `HEAD`
 */
export function refuseCrossSite(ctx: Context): void {
  if (['GET', 'HEAD'].includes(ctx.method)) return;
  const site = ctx.get('Sec-Fetch-Site');
  const isOurs =
    site === '' ? hostOf(ctx.get('Origin')) === ctx.host.toLowerCase() : site === 'same-origin';
  if (!isOurs) throw new Problem('cross-site', 'Only pages of this server may do this');
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}
