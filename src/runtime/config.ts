import { isIP } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { probeIntervalMs } from '../domain/endpoint-health.ts';
import { attemptsMax, deliverySchedule, deliveryTimeoutMs } from '../domain/retry.ts';
import { metadataKeptMs, payloadsKeptMs } from '../domain/retention.ts';
import { quotaMax } from '../domain/quota.ts';
import { sessionIdleMs } from '../domain/session.ts';
import { durationMs, durationText } from '../domain/duration.ts';

/** A hundred years: JavaScript has no date for a moment much further away. */
const durationMaxMs = 36_500 * 86_400_000;

const duration = z
  .string()
  .transform((text, context) => {
    const ms = durationMs(text.trim());
    if (ms !== undefined) return ms;
    context.addIssue(`"${text}" is no duration: write 500ms, 2s, 10m, 1h or 30d`);
    return z.NEVER;
  })
  .refine((ms) => ms <= durationMaxMs, 'Must be at most 36500d');

const schedule = z.string().transform((text, context) => {
  const waits = text.split(',').map((item) => duration.safeParse(item));
  if (waits.length <= attemptsMax && waits.every((wait) => wait.success)) {
    return waits.map(({ data }) => data);
  }
  context.addIssue(`"${text}" is no schedule: write up to five waits, as in 0s,30s,2m,10m,1h`);
  return z.NEVER;
});

const size = z.string().transform((text, context) => {
  const [, amount, unit = ''] = /^(\d{1,9})(KiB|MiB)?$/.exec(text.trim()) ?? [];
  const factor = { '': 1, KiB: 1024, MiB: 1_048_576 }[unit];
  if (amount !== undefined && factor !== undefined) return Number(amount) * factor;
  context.addIssue(`"${text}" is no size: write bytes, or 512KiB, 25MiB`);
  return z.NEVER;
});

const key = z.string().transform((text, context) => {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length === 32) return bytes;
  context.addIssue('Must be 32 bytes in base64: make one with `openssl rand -base64 32`');
  return z.NEVER;
});

/** Temporal gives an attempt 35 seconds. */
const timeoutMaxMs = 30_000;

const timeout = duration.refine(
  (ms) => ms > 0 && ms <= timeoutMaxMs,
  'Must be more than nothing and at most 30s',
);

/** Kept by days: a part of one means nothing. */
const kept = duration.refine((ms) => ms >= 86_400_000, 'Must be at least 1d');

/** Nobody could work with less: sessions and outages are looked at as often. */
const idle = duration.refine((ms) => ms >= 1000, 'Must be at least 1s');

/** Temporal's schedules know seconds only. */
const interval = duration.refine(
  (ms) => ms >= 1000 && ms % 1000 === 0,
  'Must be whole seconds, at least 1s',
);

const list = z.string().transform((text) =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== ''),
);

const allowed = list.superRefine((items, context) => {
  for (const item of items) {
    const isRange = ipaddr.isValidCIDR(item) || isIP(item) !== 0;
    if (isRange || /^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/i.test(item)) continue;
    context.addIssue(`"${item}" is no address, CIDR or exact host name`);
  }
});

const schema = z.object({
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }),
  TEMPORAL_ADDRESS: z.string().regex(/^\S+:\d+$/, 'Must be host:port'),
  TEMPORAL_NAMESPACE: z.string().min(1).default('default'),
  TEMPORAL_API_KEY: z.string().min(1).optional(),
  TEMPORAL_UI_ORIGIN: z.url().optional(),
  HOST: z.string().min(1).default('127.0.0.1'),
  PORT: z.coerce.number().int().min(0).max(65_535).default(8080),
  PUBLIC_URL: z.url().optional(),
  MASTER_KEY: key,
  TRIGGERS_DIR: z.string().min(1).default('triggers'),
  AGENT_URL: z.url().optional(),
  SESSION_IDLE: idle.default(sessionIdleMs),
  DELIVERY_SCHEDULE: schedule.default([...deliverySchedule]),
  DELIVERY_TIMEOUT: timeout.default(deliveryTimeoutMs),
  PROBE_INTERVAL: idle.default(probeIntervalMs),
  EGRESS_ALLOW: allowed.default([]),
  TIMESTAMP_TOLERANCE: z.coerce.number().int().min(1).max(86_400).default(300),
  MAX_BODY: size.refine((bytes) => bytes >= 1, 'Must be at least 1').default(25 * 1_048_576),
  MAINTENANCE_INTERVAL: interval.default(60_000),
  RETENTION_PAYLOADS: kept.default(payloadsKeptMs),
  RETENTION_METADATA: kept.default(metadataKeptMs),
  QUOTA_EVENTS_PER_MINUTE: z.coerce.number().int().min(1).max(quotaMax).optional(),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
});

/** What a process is told by its environment, checked. Times are milliseconds, sizes bytes. */
export type Config = z.infer<typeof schema>;

/**
 * Read the configuration.
 *
 * @throws Error naming every mistake at once, never a value of a secret
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  return readSettings(schema.superRefine(refuseContradictions), environment);
}

function refuseContradictions(
  { RETENTION_PAYLOADS, RETENTION_METADATA }: Config,
  context: z.core.$RefinementCtx<Config>,
): void {
  if (RETENTION_METADATA >= RETENTION_PAYLOADS) return;
  const message = 'Must be at least RETENTION_PAYLOADS: a payload goes with its event';
  context.addIssue({ code: 'custom', path: ['RETENTION_METADATA'], message });
}

/** What of it decides whether a trigger file is right: its folder, and where it may send to. */
export function readTriggerSettings(): Pick<Config, 'TRIGGERS_DIR' | 'EGRESS_ALLOW'> {
  return readSettings(schema.pick({ TRIGGERS_DIR: true, EGRESS_ALLOW: true }), process.env);
}

function readSettings<T>(
  settings: z.ZodType<T>,
  environment: Readonly<Record<string, string | undefined>>,
): T {
  const present = Object.entries(environment).filter(([, value]) => value !== '');
  const parsed = settings.safeParse(Object.fromEntries(present));
  if (parsed.success) return parsed.data;
  const mistakes = parsed.error.issues.map(
    ({ path, message }) => `  ${path.join('.')}: ${wording(message, environment[String(path[0])])}`,
  );
  throw new Error(`The configuration has mistakes:\n${mistakes.join('\n')}`);
}

/** The address under which people reach the platform: `PUBLIC_URL`, or where the server listens. */
export function publicUrlOf({ PUBLIC_URL, HOST, PORT }: Config): string {
  return PUBLIC_URL ?? `http://${HOST}:${PORT}`;
}

/** A setting as a person may see it. */
export interface PrintableSetting {
  readonly name: string;
  /** In the form in which it is set; null when it is not. */
  readonly value: string | null;
}

/** Every setting in force, with `***` for each secret and for what an address holds of one. */
export function printableConfig(config: Config): PrintableSetting[] {
  return Object.keys(schema.shape).map((name) => {
    const value: unknown = config[name as keyof Config];
    if (value === undefined) return { name, value: null };
    // By its name, so that a secret that is added later is none that is shown.
    if (/KEY|SECRET|PASSWORD|TOKEN/.test(name)) return { name, value: '***' };
    return { name, value: printable(name, value) };
  });
}

/** Settings whose numbers are milliseconds. */
const durationNames: readonly string[] = [
  'DELIVERY_SCHEDULE',
  'DELIVERY_TIMEOUT',
  'MAINTENANCE_INTERVAL',
  'PROBE_INTERVAL',
  'RETENTION_METADATA',
  'RETENTION_PAYLOADS',
  'SESSION_IDLE',
];

function printable(name: string, value: unknown): string {
  if (Array.isArray(value)) return value.map((item) => printable(name, item)).join(',');
  if (typeof value === 'number' && durationNames.includes(name)) return durationText(value);
  return name === 'DATABASE_URL' ? withoutPassword(String(value)) : withoutTokens(String(value));
}

/** The database's address: who it is and how it is reached, without its password. */
function withoutPassword(text: string): string {
  const url = new URL(text);
  if (url.password !== '') url.password = '***';
  for (const name of new Set(url.searchParams.keys())) {
    if (/key|secret|password|token/i.test(name)) url.searchParams.set(name, '***');
  }
  return url.password === '***' || url.search !== '' ? url.href : text;
}

/** An address where a token may stand in the place of a user, or anywhere behind `?` and `#`. */
function withoutTokens(text: string): string {
  if (!URL.canParse(text)) return text;
  const url = new URL(text);
  if (url.username === '' && url.password === '' && url.search === '' && url.hash === '') {
    return text;
  }
  if (url.username !== '') url.username = '***';
  if (url.password !== '') url.password = '***';
  const values = [...url.searchParams].map(([name, value]) => (value === '' ? '' : `${name}=`));
  if (url.search !== '') url.search = values.map((name) => `${name}***`).join('&');
  if (url.hash !== '') url.hash = '***';
  return url.href;
}

function wording(message: string, value: string | undefined): string {
  return value === undefined || value === '' ? 'is required, and not set' : message;
}

/** The environment of this process, as it is now. */
export function environment(): Readonly<Record<string, string | undefined>> {
  return process.env;
}

/** What only the development stack is told by its environment. */
export interface DevEnvironment {
  readonly temporalAddress: string | undefined;
  readonly temporalCliPath: string | undefined;
  /** The folders in which programs are searched. */
  readonly path: string;
  /** Where built programs are kept, outside the checkout. */
  readonly cacheDir: string;
}

export function readDevEnvironment(): DevEnvironment {
  const { TEMPORAL_ADDRESS, TEMPORAL_CLI_PATH, PATH, XDG_CACHE_HOME } = process.env;
  return {
    temporalAddress: TEMPORAL_ADDRESS,
    temporalCliPath: TEMPORAL_CLI_PATH,
    path: PATH ?? '',
    cacheDir: join(XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'durahook'),
  };
}
