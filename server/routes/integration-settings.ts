import { findScheme, schemes } from '../../src/domain/channel.ts';
import type { ChannelName, Mode, Scheme, WantedScheme } from '../../src/domain/channel.ts';
import type { ProblemItem } from '../../src/domain/problem.ts';
import { refuseIntegrationSecret } from '../../src/runtime/integration-secret.ts';
import { invalid } from '../route.ts';

/**
 * The scheme that a request asks for. What it leaves out is as in `current`; another mode without a
 * scheme is the first one of that mode.
 *
 * @throws Problem `invalid-request` that names which there are
 */
export function pickScheme(channel: ChannelName, wanted: WantedScheme, current?: Scheme): Scheme {
  const base = current ?? schemes[channel][0];
  const mode = wanted.mode ?? base.mode;
  const kept = wanted.scheme === undefined && mode === base.mode ? base.scheme : wanted.scheme;
  const picked = findScheme(channel, { mode, scheme: kept });
  if (picked) return picked;
  const pointer = findScheme(channel, { mode }) ? '/scheme' : '/mode';
  const known = schemes[channel].map(nameOf).join(', ');
  throw invalid([{ pointer, detail: `The channel ${channel} has: ${known}` }]);
}

function nameOf({ mode, scheme }: Scheme): string {
  return scheme === null ? `mode ${mode}` : `mode ${mode} with scheme ${scheme}`;
}

/** The scheme that a row names. */
export function schemeOf(
  channel: ChannelName,
  { mode, scheme }: { readonly mode: Mode; readonly scheme: string | null },
): Scheme {
  return findScheme(channel, { mode, scheme }) ?? schemes[channel][0];
}

/** What only some schemes have: `undefined` = not said. */
export interface Names {
  readonly username?: string | null | undefined;
  readonly receive_id?: string | null | undefined;
}

/**
 * What an integration of a scheme is called by, from what is said and what is there.
 *
 * @throws Problem `invalid-request` where a needed one is missing, or one is said that is not needed
 */
export function settleNames(
  scheme: Scheme,
  said: Names,
  current: Names = {},
): Record<keyof Names, string | null> {
  const names = { username: null as string | null, receive_id: null as string | null };
  const errors: ProblemItem[] = [];
  for (const field of ['username', 'receive_id'] as const) {
    const isNeeded = scheme[needs[field].flag] === true;
    const value = said[field] === undefined ? current[field] : said[field];
    if (isNeeded) names[field] = value ?? null;
    const detail = isNeeded ? refuseMissing(field, value) : refuseUseless(scheme, said[field]);
    if (detail !== undefined) errors.push({ pointer: `/${field}`, detail });
  }
  if (errors.length > 0) throw invalid(errors);
  return names;
}

const needs = {
  username: { flag: 'needsUsername', what: 'the name that the sender logs in with' },
  receive_id: { flag: 'needsReceiveId', what: 'the corp id or suite id, or "" for a bot' },
} as const;

function refuseMissing(field: keyof Names, value: Names['username']): string | undefined {
  return typeof value === 'string' ? undefined : `Give ${needs[field].what}`;
}

function refuseUseless(scheme: Scheme, value: Names['username']): string | undefined {
  return typeof value === 'string' ? `Not used in ${nameOf(scheme)}` : undefined;
}

/**
 * The kinds of which a new integration gets a secret: all, unless one is enough and some are given.
 *
 * @param given - values by kind
 * @throws Problem `invalid-request` for kinds of no use here and for values that can't be a secret
 */
export function kindsToMake(
  channel: ChannelName,
  { kinds, isOneKindEnough }: Scheme,
  given: ReadonlyMap<string, string>,
): readonly string[] {
  const errors = [...given].flatMap(([kind, value]): ProblemItem[] => {
    const detail = kinds.includes(kind)
      ? refuseIntegrationSecret(channel, kind, value)
      : `The kinds of secret here are: ${kinds.join(', ')}`;
    return detail === undefined ? [] : [{ pointer: `/secrets/${kind}`, detail }];
  });
  if (errors.length > 0) throw invalid(errors);
  if (isOneKindEnough !== true || given.size === 0) return kinds;
  return kinds.filter((kind) => given.has(kind));
}

/**
 * Refuse a scheme for which no valid secret is there.
 *
 * @param held - the kinds of the secrets that are valid now
 */
export function requireKinds(scheme: Scheme, held: ReadonlySet<string>): void {
  const { kinds, isOneKindEnough } = scheme;
  const missing = kinds.filter((kind) => !held.has(kind));
  const isEnough =
    missing.length === 0 || (isOneKindEnough === true && missing.length < kinds.length);
  if (isEnough) return;
  const pointer = scheme.scheme === null ? '/mode' : '/scheme';
  const wanted = missing.join(isOneKindEnough === true ? ' or ' : ' and ');
  throw invalid([{ pointer, detail: `Add a secret of the kind ${wanted} first` }]);
}
