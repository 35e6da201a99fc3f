import type { Middleware } from 'koa';
import type { Sessions } from './login.ts';
import { loginNeeded } from './login.ts';

/** No script, and a frame of our own pages alone. */
const policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'";

/**
 * The page `/render?content=…` that the Temporal Web UI frames to show a workflow's summary and
 * details. It asks for it at the root whatever path it is served under, and its own server has none
 * (2.42): so it is here, or the way back from a workflow to the console would be an empty box.
 *
 * Of Markdown it knows links, which is what our details are made of; all else is shown as it is written.
 */
export function makeTemporalMarkdown(sessions: Sessions): Middleware {
  return async (ctx, next) => {
    if (ctx.path !== '/render' || ctx.method !== 'GET') {
      await next();
      return;
    }
    if (typeof sessions.find(ctx) !== 'object') throw loginNeeded();
    const query = new URLSearchParams(ctx.querystring);
    ctx.set('Content-Security-Policy', policy);
    ctx.type = 'text/html';
    ctx.body = render(query.get('content') ?? '', query.get('theme') === 'dark');
  };
}

function render(markdown: string, isDark: boolean): string {
  const colors = isDark ? 'color:#f8fafc;background:#141414' : 'color:#141414;background:#fff';
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Details</title>
<style>body{${colors};font:14px system-ui,sans-serif;margin:12px;white-space:pre-wrap;overflow-wrap:anywhere}a{color:${isDark ? '#92a4f9' : '#444ce7'}}</style>
</head><body>${toHtml(markdown)}</body></html>`;
}

/** Everything is escaped first: a link is then made of what can't be markup any more. */
function toHtml(markdown: string): string {
  return escape(markdown).replaceAll(
    /\[([^\]\n]*)\]\((https?:\/\/[^\s()]+)\)/g,
    '<a href="$2" target="_blank" rel="noopener">$1</a>',
  );
}

function escape(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  return text.replaceAll(/[&<>"']/g, (sign) => entities[sign] ?? sign);
}
