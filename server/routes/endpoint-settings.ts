import { z } from 'zod';
import { durationMs, durationText } from '../../src/domain/duration.ts';
import type { ProblemItem } from '../../src/domain/problem.ts';
import { attemptsMax } from '../../src/domain/retry.ts';
import { sealAuth } from '../../src/runtime/endpoint-auth.ts';
import { endpointExpression } from '../../src/runtime/endpoint-expressions.ts';
import { ExpressionError } from '../../src/runtime/expression.ts';
import type { Sealer } from '../../src/runtime/sealing.ts';
import type { EndpointRow } from '../../src/store/delivery-tables.ts';
import type { EndpointSettings } from '../../src/store/endpoints.ts';
import { addMistake, invalid } from '../route.ts';
import type { RefuseUrl } from './endpoint-answer.ts';
import { authSettingsSchema, splitAuth } from './endpoint-auth-settings.ts';
import { headersSchema, toHeaders } from './endpoint-headers.ts';

/** Text that both a text column and JSON of PostgreSQL can hold. */
const text = (max: number) =>
  z
    .string()
    .max(max)
    .refine((value) => !value.includes('\0'), 'Must not contain U+0000')
    .refine(
      (value) => Buffer.from(value).toString() === value,
      'Must be Unicode without halves of surrogate pairs',
    );

const durationOf = (from: string, to: string) =>
  z
    .string()
    .refine((value) => {
      const ms = durationMs(value) ?? -1;
      return ms >= msOf(from) && ms <= msOf(to);
    }, `Must be a duration from ${from} to ${to}, such as "10s"`)
    .meta({ description: `From ${from} to ${to}: \`10s\`, \`2m\`` });

const fewWaits = `Give 1 to ${attemptsMax} waits`;

const scheduleSchema = z
  .array(durationOf('0s', '24h'))
  .min(1, fewWaits)
  .max(attemptsMax, fewWaits)
  .refine(([first]) => first === undefined || durationMs(first) === 0, {
    error: 'The first attempt is made at once: must be "0s"',
    path: [0],
  })
  .meta({ description: 'The wait before each attempt, the first being `0s`' });

const metadataSchema = z
  .record(text(100).min(1), text(500))
  .refine((pairs) => Object.keys(pairs).length <= 50, 'At most 50 pairs')
  .meta({ description: 'Yours: at most 50 pairs, names of 100 and values of 500 characters' });

const expressionSchema = (kind: 'filter' | 'order_by', what: string) =>
  text(4096)
    .min(1)
    .check((payload) => {
      if (payload.issues.length > 0) return;
      const message = expressionMistake(kind, payload.value);
      if (message !== undefined) addMistake(payload, { message });
    })
    .meta({ description: `A CEL expression over the event: ${what}` });

/** What may be set of an endpoint, when it is made and later. Null is what it is without. */
export const settingsShape = (refuseUrl: RefuseUrl) => ({
  description: text(1000).nullish(),
  filter: expressionSchema('filter', 'only events of which it is true are sent').nullish(),
  metadata: metadataSchema.nullish(),
  headers: headersSchema.nullish(),
  auth: authSettingsSchema(refuseUrl).nullish(),
  format: z.enum(['standard', 'cloudevents-structured', 'cloudevents-binary']).nullish(),
  schedule: scheduleSchema.nullish(),
  timeout: durationOf('1s', '30s').nullish(),
  rate_limit: z.int().min(1).max(10_000).nullish().meta({ description: 'POSTs per second' }),
  in_flight_max: z.int().min(1).max(1000).nullish().meta({ description: 'POSTs at one time' }),
  order_by: expressionSchema('order_by', 'deliveries of one value go one after another').nullish(),
  on_outage: z.enum(['retry', 'park']).nullish(),
  redrives_on_recovery: z.boolean().nullish(),
  ack_window: durationOf('1s', '24h').nullish(),
});

type Settings = z.output<z.ZodObject<ReturnType<typeof settingsShape>>>;

export interface SettingParts {
  readonly sealer: Sealer;
  readonly refuseUrl: RefuseUrl;
}

/**
 * The columns of what a request sets, what is secret sealed for the endpoint; what it does not name
 * is absent.
 */
export function toColumns(
  sealer: Sealer,
  endpointId: string,
  settings: Settings,
): EndpointSettings {
  const { filter, order_by, headers, auth } = settings;
  return onlyGiven({
    description: settings.description,
    filter,
    order_by,
    metadata: orElse(settings.metadata, {}),
    headers: headers ? toHeaders(headers) : orElse(headers, {}),
    format: orElse(settings.format, 'standard' as const),
    schedule_ms: settings.schedule?.map(msOf) ?? nothingOf(settings.schedule),
    timeout_ms: toMs(settings.timeout),
    ack_window_ms: toMs(settings.ack_window),
    rate_limit: settings.rate_limit,
    in_flight_max: settings.in_flight_max,
    on_outage: orElse(settings.on_outage, 'retry' as const),
    redrives_on_recovery: orElse(settings.redrives_on_recovery, false),
    ...authColumns(sealer, endpointId, auth),
  });
}

/** What a request sets, for the audit log: no secret, and nothing that may be one. */
export function toAuditDetail(
  body: Readonly<Record<string, unknown>> & Settings,
): Record<string, unknown> {
  const { auth, headers, metadata, ...others } = body;
  return onlyGiven({
    ...others,
    auth: auth && { kind: auth.kind },
    headers: headers && Object.keys(headers).map((name) => name.toLowerCase()),
    metadata: metadata && Object.keys(metadata),
  });
}

/**
 * Refuse settings that can not be kept together, as they will be.
 *
 * @param set - what the request names: a mistake is told at one of these
 * @param timeoutMs - the platform's
 * @throws Problem `invalid-request`
 */
export function refuseContradictions(
  kept: EndpointSettings & Pick<EndpointRow, 'url'>,
  set: Pick<Settings, 'ack_window' | 'auth' | 'timeout'>,
  timeoutMs: number,
): void {
  const mistakes: ProblemItem[] = [];
  if (set.ack_window !== undefined || set.timeout !== undefined) {
    const pointer = set.ack_window === undefined ? '/timeout' : '/ack_window';
    const detail = shortWindow(kept, timeoutMs);
    if (detail !== undefined) mistakes.push({ pointer, detail });
  }
  if (kept.auth?.kind === 'mtls' && !/^https:/i.test(kept.url)) {
    const pointer = set.auth === undefined ? '/url' : '/auth';
    mistakes.push({ pointer, detail: 'A client certificate needs a URL with https://' });
  }
  if (mistakes.length > 0) throw invalid(mistakes);
}

function shortWindow(
  { timeout_ms, ack_window_ms: windowMs }: EndpointSettings,
  platformMs: number,
): string | undefined {
  const longerMs = timeout_ms ?? platformMs;
  if (windowMs == null || windowMs >= longerMs) return undefined;
  const [shorter, longer] = [durationText(windowMs), durationText(longerMs)];
  return `The ack_window of ${shorter} is shorter than the timeout of ${longer}`;
}

function expressionMistake(kind: 'filter' | 'order_by', source: string): string | undefined {
  try {
    endpointExpression(kind, source);
    return undefined;
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return `${error.message} (at character ${error.offset + 1})`;
  }
}

function authColumns(
  sealer: Sealer,
  endpointId: string,
  auth: Settings['auth'],
): Pick<EndpointSettings, 'auth' | 'auth_sealed'> {
  if (auth === undefined) return {};
  if (auth === null) return { auth: null, auth_sealed: null };
  const { shown, secret } = splitAuth(auth);
  return { auth: shown, auth_sealed: sealAuth(sealer, endpointId, secret) };
}

/** Of a duration that was checked. */
function msOf(duration: string): number {
  const ms = durationMs(duration);
  if (ms === undefined) throw new Error(`"${duration}" is not a duration`);
  return ms;
}

function toMs(duration: string | null | undefined): number | null | undefined {
  return typeof duration === 'string' ? msOf(duration) : duration;
}

function nothingOf(value: unknown): null | undefined {
  return value === null ? null : undefined;
}

function orElse<T>(value: T | null, without: T): T {
  return value === null ? without : value;
}

type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Without what is undefined: knex refuses it, and JSON leaves it out. */
function onlyGiven<T extends object>(values: T): Given<T> {
  const given = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as Given<T>;
}
