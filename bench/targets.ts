import { randomBytes } from 'node:crypto';
import Koa from 'koa';
import { pino } from 'pino';
import getRawBody from 'raw-body';
import { listen } from '../server/listen.ts';
import { startServer } from '../src/platform.ts';
import { readConfig } from '../src/runtime/config.ts';
import { hmacSha256, isSameDigest } from '../src/runtime/signature.ts';
import { untilSignal } from '../src/runtime/signals.ts';

/**
 * What is measured, each in a process of its own: `raw` reads the body, compares one HMAC and
 * answers; `durahook` is the server as it is started. The port is the first line of the output.
 */
async function main([target, secret = '', databaseUrl = '']: readonly string[]): Promise<void> {
  const serving = target === 'raw' ? await serveRaw(secret) : await serveDurahook(databaseUrl);
  process.stdout.write(`${serving.port}\n`);
  await untilSignal();
  await serving.close();
}

async function serveRaw(secret: string) {
  const app = new Koa();
  app.use(async (ctx) => {
    const body = await getRawBody(ctx.req, { limit: 26_214_400 });
    const timestamp = String(ctx.req.headers['x-webhook-timestamp']);
    const given = String(ctx.req.headers['x-webhook-signature']).slice('v1='.length);
    const digest = hmacSha256(secret, `${timestamp}.`, body);
    ctx.status = isSameDigest(Buffer.from(given, 'hex'), digest) ? 200 : 401;
    ctx.body = { status: 'accepted' };
  });
  return listen(app, { host: '127.0.0.1', port: 0 });
}

/** Temporal is not there: nothing matches a trigger, so nothing is started. */
async function serveDurahook(databaseUrl: string) {
  const config = readConfig({
    DATABASE_URL: databaseUrl,
    TEMPORAL_ADDRESS: '127.0.0.1:1',
    MASTER_KEY: process.argv[5] ?? randomBytes(32).toString('base64'),
    PORT: '0',
    LOG_LEVEL: 'error',
  });
  const log = pino({ level: 'error' });
  return startServer({ config, log });
}

await main(process.argv.slice(2));
