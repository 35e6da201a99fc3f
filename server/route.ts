import Router from '@koa/router';
import type { Context, Middleware } from 'koa';
import { z } from 'zod';
import { idPattern } from '../src/domain/id.ts';
import { Problem, problems } from '../src/domain/problem.ts';
import type { ProblemCode, ProblemItem } from '../src/domain/problem.ts';
import type { Authenticate, Scope } from './auth.ts';
import type { Answer, Idempotency } from './idempotency.ts';
import { hasBody, readJson } from './json-body.ts';
import type { JsonBody } from './json-body.ts';
import { toTraceparent } from './traceparent.ts';

/** What a handler gets: all of it checked. */
export interface Call<Q, B> {
  /** From the API key or the browser's session: every query takes it from here. */
  readonly tenantId: string;
  /** Who calls, for the audit log: a key's id, or `console`. */
  readonly actor: string;
  /** What the caller may do; that the method is among it has been checked. */
  readonly scopes: readonly Scope[];
  /** The `{id}` of the path; empty where the path has none. */
  readonly id: string;
  /** The second id of the path, of a thing within `{id}`; empty where the path has none. */
  readonly itemId: string;
  readonly query: Q;
  readonly body: B;
  /** W3C trace context of the request, where it has one. */
  readonly traceparent: string | null;
  /** What its Idempotency-Key is kept under, the same for each try; null without one. */
  readonly claimId: string | null;
}

/** How an answer differs from 200 without a place. */
export interface Head {
  readonly status: SuccessStatus;
  /** Where to read what was made. */
  readonly location?: string;
}

export type SuccessStatus = 200 | 201 | 202 | 204;

/** One API operation: what it accepts, what it answers, what it does. */
export interface Route<
  Q extends z.ZodType,
  B extends z.ZodType,
  R extends z.ZodType,
  P extends z.ZodType = z.ZodNever,
> {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** In OpenAPI form: `/v1/deliveries/{id}`. */
  readonly path: `/v1/${string}`;
  readonly summary: string;
  /** Whether it needs neither key nor session: it is served on its own, not by `mount`. */
  readonly isPublic?: boolean;
  /** Strict; without it, every query parameter is refused. */
  readonly query?: Q;
  readonly body?: B;
  /** The largest body in bytes; 1 MiB when absent. */
  readonly bodyMax?: number;
  readonly answer: R;
  /** What a dry run answers, with 200, where the answer itself has another status. */
  readonly preview?: P;
  /** As documented; 200 when absent. */
  readonly status?: SuccessStatus;
  readonly handle: (call: Call<z.output<Q>, z.output<B>>) => Promise<z.input<R> | z.input<P>>;
  /** Status and place of one answer, where they depend on it. */
  readonly head?: (answer: z.input<R> | z.input<P>) => Head;
}

/** A route whose schemas have been tied to its handler, ready to be mounted and documented. */
export interface MountableRoute {
  readonly method: Route<z.ZodType, z.ZodType, z.ZodType>['method'];
  readonly path: `/v1/${string}`;
  readonly summary: string;
  readonly isPublic: boolean;
  readonly query: z.ZodType | undefined;
  readonly body: z.ZodType | undefined;
  readonly bodyMax: number | undefined;
  readonly answer: z.ZodType;
  readonly preview: z.ZodType | undefined;
  readonly status: SuccessStatus;
  readonly run: (call: Call<unknown, unknown>) => Promise<Head & { readonly body: unknown }>;
}

export function route<
  R extends z.ZodType,
  Q extends z.ZodType = z.ZodObject,
  B extends z.ZodType = z.ZodUnknown,
  P extends z.ZodType = z.ZodNever,
>(spec: Route<Q, B, R, P>): MountableRoute {
  const { method, path, summary, query, body, bodyMax, answer, preview, status = 200 } = spec;
  return {
    method,
    path,
    summary,
    isPublic: spec.isPublic ?? false,
    answer,
    preview,
    status,
    query,
    body,
    bodyMax,
    async run(call) {
      const checked = {
        ...call,
        query: parse(query ?? noQuery, call.query, 'query') as z.output<Q>,
        body: (body && parse(body, call.body, 'body')) as z.output<B>,
      };
      const value = await spec.handle(checked);
      return { status, ...spec.head?.(value), body: value };
    },
  };
}

const noQuery = z.strictObject({});

/** Of the header `Idempotency-Key`: printable ASCII. */
export const idempotencyKeyPattern = /^[\x20-\x7e]{1,255}$/;

/** How callers prove who they are, and how a request is answered once. */
export interface MountParts {
  readonly authenticate: Authenticate;
  readonly idempotency: Idempotency;
}

/**
 * Serve the routes to whoever has a key or a browser session; any other address under `/v1/` is
 * answered 404 or 405, to them only. What is answered is one caller's: nobody may keep it for others.
 *
 * A POST with the header `Idempotency-Key` is answered once: sent again, it gets the same answer.
 */
export function mount(routes: readonly MountableRoute[], parts: MountParts): Middleware {
  const router = new Router({ strict: true, sensitive: true });
  for (const spec of routes) {
    router[spec.method](spec.path.replaceAll(/\{(\w+)\}/g, ':$1'), serveRoute(spec, parts));
  }
  const serve = router.routes();
  return async (ctx, next) => {
    if (!/^\/v1(?:\/|$)/.test(ctx.path)) {
      await next();
      return;
    }
    ctx.set('Cache-Control', 'no-store');
    const { path, route: isServed } = router.match(ctx.path, ctx.method);
    if (isServed) {
      await serve.call(null, ctx as Parameters<typeof serve>[0], next);
      return;
    }
    await parts.authenticate(ctx, scopeOf(ctx.method));
    if (path.length === 0) throw nothingThere();
    const allowed = [...new Set(path.flatMap(({ methods }) => methods))].toSorted();
    ctx.set('Allow', allowed.join(', '));
    throw new Problem('method-not-allowed', `Use one of ${allowed.join(', ')}`);
  };
}

function scopeOf(method: string): Scope {
  return method === 'GET' || method === 'HEAD' ? 'read' : 'write';
}

type ContextOfRoute = Context & { readonly params: Readonly<Record<string, string>> };

function serveRoute(spec: MountableRoute, { authenticate, idempotency }: MountParts) {
  const { method, path, run } = spec;
  const readSent = makeReadSent(spec);
  return async (ctx: ContextOfRoute): Promise<void> => {
    const ids = idNamesOf(path).map((name) => ctx.params[name] ?? '');
    if (!ids.every((each) => idPattern.test(each))) throw nothingThere();
    const [id = '', itemId = ''] = ids;
    const caller = await authenticate(ctx, scopeOf(ctx.method));
    const query = readQuery(ctx.querystring);
    const key = method === 'post' ? readIdempotencyKey(ctx) : undefined;
    const traceparent = toTraceparent(ctx.get('traceparent'));
    const { value: body, bytes } = await readSent(ctx);
    const call = { ...caller, id, itemId, query, body, traceparent, claimId: null };
    if (key === undefined) {
      answerWith(ctx, await run(call));
      return;
    }
    const keyed = { ...caller, key, method, address: ctx.url, body: bytes };
    const answer = await idempotency(keyed, (claimId) => run({ ...call, claimId }));
    if (answer.isReplayed) ctx.set('Idempotent-Replayed', 'true');
    answerWith(ctx, answer);
  };
}

const nothingSent: JsonBody = { value: undefined, bytes: Buffer.alloc(0) };

/** Reads a body where the route has one; it may be left out where its schema lets it. */
function makeReadSent({ body, bodyMax }: MountableRoute): (ctx: Context) => Promise<JsonBody> {
  if (!body) return async () => nothingSent;
  const isOptional = body.safeParse(undefined).success;
  return async ({ req }) => (isOptional && !hasBody(req) ? nothingSent : readJson(req, bodyMax));
}

function answerWith(ctx: Context, { status, location, body }: Answer): void {
  ctx.status = status;
  if (location !== undefined) ctx.set('Location', location);
  if (status !== 204) ctx.body = body;
}

/** @throws Problem unless it is absent, or there once and in its form */
function readIdempotencyKey(ctx: Context): string | undefined {
  const [key, ...others] = ctx.req.headersDistinct['idempotency-key'] ?? [];
  if (key === undefined) return undefined;
  const pointer = 'Idempotency-Key';
  if (others.length > 0) throw invalid([{ pointer, detail: 'Give it once' }]);
  if (idempotencyKeyPattern.test(key)) return key;
  throw invalid([{ pointer, detail: 'Must be 1 to 255 printable ASCII characters' }]);
}

/** The names of the ids in a path, in order: `/v1/replays/{id}` has one, `id`. */
export function idNamesOf(path: string): string[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
}

function nothingThere(): Problem {
  return new Problem('not-found', 'Nothing lives at this address');
}

/** Each parameter once and without U+0000, which no column of text can hold. */
function readQuery(text: string): Record<string, string> {
  const entries = [...new URLSearchParams(text)];
  const names = entries.map(([name]) => name);
  const errors = entries.flatMap(([name, value], index): ProblemItem[] => {
    const pointer = pointerTo('query', [name]);
    if (names.indexOf(name) !== index) return [{ pointer, detail: 'Give it once' }];
    return value.includes('\0') ? [{ pointer, detail: 'Must not contain U+0000' }] : [];
  });
  if (errors.length > 0) throw invalid(errors);
  return Object.fromEntries(entries);
}

function parse(schema: z.ZodType, raw: unknown, place: 'query' | 'body'): unknown {
  const parsed = schema.safeParse(raw);
  if (parsed.success) return parsed.data;
  throw invalid(itemsOf(parsed.error, place), codeOf(parsed.error));
}

/** A mistake that a check of a schema has found in its value. */
export interface Mistake {
  readonly message: string;
  /** Within the value. */
  readonly path?: PropertyKey[];
  /** The problem of a request in which nothing else is wrong. */
  readonly code?: ProblemCode;
}

/** Add a mistake to those of a schema's check, to be told with all others of the request. */
export function addMistake(
  { value, issues }: z.core.ParsePayload,
  { message, path = [], code }: Mistake,
): void {
  issues.push({ code: 'custom', input: value, path, message, params: { problem: code } });
}

function codeOf({ issues }: z.ZodError): ProblemCode {
  const codes = issues.map((issue): unknown =>
    issue.code === 'custom' ? issue.params?.['problem'] : undefined,
  );
  const [first] = codes;
  const isOne = typeof first === 'string' && codes.every((code) => code === first);
  return isOne && Object.hasOwn(problems, first) ? (first as ProblemCode) : 'invalid-request';
}

/** What is wrong by a schema, each with its place. */
export function itemsOf({ issues }: z.ZodError, place: 'query' | 'body' = 'body'): ProblemItem[] {
  return issues.flatMap((issue) => toItems(issue, place));
}

/** More than a person mends at once; a body of 1 MiB can have a hundred thousand. */
const errorsMax = 100;

/** The problem of a request that is understood and can't be: the first error says it. */
export function invalid(
  errors: readonly ProblemItem[],
  code: ProblemCode = 'invalid-request',
): Problem {
  const [first] = errors;
  const place = first === undefined || first.pointer === '' ? 'The body' : `"${first.pointer}"`;
  const detail = `${place}: ${first?.detail ?? 'Invalid'}`;
  return new Problem(code, detail, errors.slice(0, errorsMax));
}

function toItems(issue: z.core.$ZodIssue, place: 'query' | 'body'): ProblemItem[] {
  if (issue.code !== 'unrecognized_keys') {
    // Of a name in a record the schema of names knows more.
    const { message } = (issue.code === 'invalid_key' && issue.issues[0]) || issue;
    return [{ pointer: pointerTo(place, issue.path), detail: message }];
  }
  const detail = place === 'query' ? 'Unknown query parameter' : 'Unknown field';
  return issue.keys.map((key) => ({ pointer: pointerTo(place, [...issue.path, key]), detail }));
}

/** RFC 6901 into the body; a query parameter is written `?name`. */
function pointerTo(place: 'query' | 'body', path: readonly PropertyKey[]): string {
  if (place === 'query') return `?${path.map(String).join('.')}`;
  return path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
