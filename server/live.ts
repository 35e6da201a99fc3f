import { PassThrough } from 'node:stream';
import type { Context, Middleware } from 'koa';
import type { Knex } from 'knex';
import type { Logger } from 'pino';
import { Problem } from '../src/domain/problem.ts';
import { makeLivePoller, readMissed, topicNames } from './live-poller.ts';
import type { LiveMessage, LivePoller, Topic } from './live-poller.ts';
import { invalid } from './route.ts';

/** Streams of one process: each is an open socket and a buffer. */
const streamsMax = 100;

/** Of them one tenant's: the others are not locked out by one. */
const tenantStreamsMax = 20;

/** A reader that leaves this much unread is dropped; its browser connects again and asks for the rest. */
const unreadMaxBytes = 262_144;

/** What may be set for a test. */
export interface LiveTimes {
  /** Between two looks for new rows. */
  readonly pollEveryMs: number;
  /** Proxies close what is silent for a minute or half of one. */
  readonly beatEveryMs: number;
  /** Between two looks whether its reader may still read: a session ends, a key is revoked. */
  readonly judgeEveryMs: number;
  /** Then the stream ends, and its reader connects again. */
  readonly ageMaxMs: number;
}

const times: LiveTimes = {
  pollEveryMs: 1000,
  beatEveryMs: 15_000,
  judgeEveryMs: 5000,
  ageMaxMs: 600_000,
};

/** New rows as they are committed, as Server-Sent Events. */
export interface Live {
  /** `GET /v1/live`; `authenticate` says whose rows, or throws a Problem. */
  serve(authenticate: (ctx: Context) => Promise<{ readonly tenantId: string }>): Middleware;
  /** End every stream, and take no more. */
  close(): Promise<void>;
}

interface Stream {
  readonly output: PassThrough;
  readonly topics: readonly Topic[];
  readonly endsAt: number;
  /** Throws a Problem when its reader may not read any more. */
  readonly judge: () => Promise<unknown>;
  judgedAt: number;
  lastWriteAt: number;
  /** What comes while it is still told what it has missed; undefined once that is done. */
  held: LiveMessage[] | undefined;
}

/** The streams of one tenant, fed by one poller. */
interface Group {
  readonly streams: Set<Stream>;
  /** Notes what is there: what comes after it is new. */
  readonly ready: Promise<void>;
  readonly stop: () => Promise<void>;
}

export interface LiveParts {
  readonly db: Knex;
  readonly log: Logger;
  readonly times?: LiveTimes;
}

export function makeLive(parts: LiveParts): Live {
  const groups = makeGroups(parts);
  const { ageMaxMs } = parts.times ?? times;

  async function start(tenantId: string, stream: Stream, ctx: Context): Promise<void> {
    const group = groups.join(tenantId, stream);
    try {
      await group.ready;
      const lastId = ctx.get('Last-Event-ID');
      const missed = await readMissed(parts.db, tenantId, { lastId, topics: stream.topics });
      setHead(ctx);
      ctx.body = stream.output;
      release(stream, missed);
    } catch (error) {
      stream.output.destroy();
      throw error;
    }
  }

  return {
    serve: (authenticate) => async (ctx, next) => {
      if (ctx.path !== '/v1/live' || ctx.method !== 'GET') {
        await next();
        return;
      }
      const { tenantId } = await authenticate(ctx);
      const judge = (): Promise<unknown> => authenticate(ctx);
      await start(tenantId, makeStream(topicsOf(ctx.querystring), judge, ageMaxMs), ctx);
    },
    close: () => groups.close(),
  };
}

interface Groups {
  /** @throws Problem `unavailable` where there is no room */
  join(tenantId: string, stream: Stream): Group;
  close(): Promise<void>;
}

/** A tenant's poller lives as long as somebody listens. */
function makeGroups(parts: LiveParts): Groups {
  const groups = new Map<string, Group>();
  let isClosed = false;
  let open = 0;

  function leave(tenantId: string, group: Group, stream: Stream): void {
    open -= 1;
    group.streams.delete(stream);
    if (group.streams.size > 0) return;
    groups.delete(tenantId);
    void group.stop();
  }

  return {
    join(tenantId, stream) {
      if (isClosed || open >= streamsMax) {
        throw new Problem('unavailable', 'This server has no room for another live stream');
      }
      const group = groups.get(tenantId) ?? startGroup(parts, tenantId);
      if (group.streams.size >= tenantStreamsMax) {
        throw new Problem('unavailable', 'The tenant has as many live streams as one may have');
      }
      groups.set(tenantId, group);
      group.streams.add(stream);
      open += 1;
      stream.output.once('close', () => leave(tenantId, group, stream));
      return group;
    },
    async close() {
      isClosed = true;
      const all = [...groups.values()];
      for (const stream of all.flatMap(({ streams }) => [...streams])) end(stream);
      await Promise.all(all.map(({ stop }) => stop()));
    },
  };
}

function startGroup({ db, log, ...parts }: LiveParts, tenantId: string): Group {
  const { pollEveryMs, ...keeping } = parts.times ?? times;
  const poller = makeLivePoller(db, tenantId);
  const streams = new Set<Stream>();
  const ready = poller.poll().then(({ failures: [failure] }) => {
    if (failure !== undefined) throw failure;
  });
  let polling: Promise<void> | undefined = ready
    .catch(() => undefined) // Whoever waits for it is told.
    .finally(() => (polling = undefined));
  const ticking = setInterval(() => {
    for (const stream of streams) keep(stream, keeping);
    polling ??= send(poller, streams)
      .then((failures) => {
        for (const err of failures) log.warn({ err }, 'Could not look for new rows');
      })
      .finally(() => (polling = undefined));
  }, pollEveryMs);
  return {
    streams,
    ready,
    async stop() {
      clearInterval(ticking);
      await polling;
    },
  };
}

/** @returns why some rows could not be looked for */
async function send(poller: LivePoller, streams: ReadonlySet<Stream>): Promise<readonly unknown[]> {
  const { messages, failures } = await poller.poll();
  for (const message of messages) {
    for (const stream of streams) {
      if (!stream.topics.includes(message.topic)) continue;
      if (stream.held) stream.held.push(message);
      else write(stream, textOf(message));
    }
  }
  return failures;
}

function makeStream(topics: readonly Topic[], judge: Stream['judge'], ageMaxMs: number): Stream {
  const now = Date.now();
  const output = new PassThrough();
  const endsAt = now + ageMaxMs;
  return { output, topics, endsAt, judge, judgedAt: now, lastWriteAt: now, held: [] };
}

/** Tell what was missed, then what came meanwhile, each row once. */
function release(stream: Stream, missed: readonly LiveMessage[]): void {
  write(stream, 'retry: 2000\n\n');
  const told = new Set(missed.map(({ row }) => row?.id));
  const held = stream.held?.filter(({ row }) => row === null || !told.has(row.id)) ?? [];
  for (const message of [...missed, ...held]) write(stream, textOf(message));
  stream.held = undefined;
}

function textOf({ topic, row }: LiveMessage): string {
  if (row === null) return `event: gap\ndata: ${JSON.stringify({ topic })}\n\n`;
  const name = topic === 'events' ? 'event' : 'delivery';
  return `id: ${row.id}\nevent: ${name}\ndata: ${JSON.stringify(row)}\n\n`;
}

function write(stream: Stream, text: string): void {
  const { output } = stream;
  if (output.writableEnded || output.destroyed) return;
  stream.lastWriteAt = Date.now();
  output.write(text);
  if (output.writableLength + output.readableLength > unreadMaxBytes) output.destroy();
}

function keep(
  stream: Stream,
  { beatEveryMs, judgeEveryMs }: Pick<LiveTimes, 'beatEveryMs' | 'judgeEveryMs'>,
): void {
  const now = Date.now();
  if (now >= stream.endsAt) end(stream);
  else if (now - stream.lastWriteAt >= beatEveryMs) write(stream, ': still here\n\n');
  if (now - stream.judgedAt < judgeEveryMs) return;
  stream.judgedAt = now;
  stream.judge().catch((error: unknown) => {
    // Anything else says nothing of the reader: the database is away, and no row is sent either.
    if (error instanceof Problem) end(stream);
  });
}

function end({ output }: Stream): void {
  output.end();
}

function setHead(ctx: Context): void {
  ctx.status = 200;
  ctx.set('Content-Type', 'text/event-stream');
  ctx.set('Cache-Control', 'no-store');
  ctx.set('X-Accel-Buffering', 'no');
  // The socket ends with the stream, so that a server that stops does not wait for its next request.
  ctx.set('Connection', 'close');
}

/** @throws Problem `invalid-request` */
function topicsOf(query: string): Topic[] {
  const entries = [...new URLSearchParams(query)];
  const unknown = entries.find(([name]) => name !== 'topics')?.[0];
  if (unknown !== undefined) {
    throw invalid([{ pointer: `?${unknown}`, detail: 'Unknown query parameter' }]);
  }
  if (entries.length > 1) throw invalid([{ pointer: '?topics', detail: 'Give it once' }]);
  const wanted = (entries[0]?.[1] ?? topicNames.join(',')).split(',');
  const topics = topicNames.filter((name) => wanted.includes(name));
  if (wanted.length > 0 && topics.length === wanted.length) return topics;
  const detail = `Name each of ${topicNames.join(', ')} once, with commas between`;
  throw invalid([{ pointer: '?topics', detail }]);
}
