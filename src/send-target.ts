import { channelNames, findScheme, kindsOf, schemes } from './domain/channel.ts';
import type { ChannelName, Scheme, WantedScheme } from './domain/channel.ts';
import type { DevFile } from './embedded/dev-folder.ts';
import type { SenderSettings } from './runtime/senders/sender.ts';

/** What a person may say of the address that a sample is sent to. */
export interface SendTargetOptions {
  readonly url?: string;
  /** Each as `readSecret` reads it. */
  readonly secret?: readonly string[];
  readonly mode?: string;
  readonly scheme?: string;
  readonly username?: string;
  readonly receiveId?: string;
  /** The delivery id. */
  readonly id?: string;
}

/**
 * What was named, else the integration that `npm run dev` made for the channel.
 *
 * @throws Error naming what is missing or which schemes there are
 */
export async function findSendTarget(
  channel: string,
  options: SendTargetOptions,
  findDev: () => Promise<DevFile>,
): Promise<SenderSettings & { readonly url: string }> {
  const name = requireChannel(channel);
  const isWhole = options.url !== undefined && options.secret !== undefined;
  const known = isWhole ? undefined : (await findDev()).integrations[name];
  const scheme = requireScheme(name, wantedScheme(options, known));
  const given = options.secret?.map((text) => readSecret(text, name, scheme));
  const secrets = given ? byKind(given) : known?.secrets;
  const url = options.url ?? known?.url;
  if (url === undefined || secrets === undefined) {
    throw new Error(`No integration of "${name}" is known here: give --url and --secret`);
  }
  const { mode } = scheme;
  return { url, mode, scheme: scheme.scheme, secrets, ...readNames(options, known) };
}

function readNames(options: SendTargetOptions, known: Known) {
  return {
    username: options.username ?? known?.username ?? null,
    receiveId: options.receiveId ?? known?.receive_id ?? null,
  };
}

/** What is named replaces what is known as a whole: the known scheme may be one of another mode. */
function wantedScheme({ mode, scheme }: SendTargetOptions, known: Known): WantedScheme {
  return mode !== undefined || scheme !== undefined ? { mode, scheme } : { ...known };
}

function byKind(given: readonly TypedSecret[]): Record<string, string> {
  return Object.fromEntries(given.map(({ kind, value }) => [kind, value]));
}

type Known = DevFile['integrations'][string] | undefined;

/**
 * The channel of that name.
 *
 * @throws Error that names those that there are
 */
export function requireChannel(name: string): ChannelName {
  const known = channelNames.find((each) => each === name);
  if (known) return known;
  throw new Error(`There is no channel "${name}": use ${channelNames.join(', ')}`);
}

/**
 * The first scheme of the channel that fits what was said.
 *
 * @throws Error that names those that there are
 */
export function requireScheme(channel: ChannelName, wanted: WantedScheme): Scheme {
  const found = findScheme(channel, wanted);
  if (found) return found;
  const there = schemes[channel].map(({ mode, scheme }) =>
    [mode, scheme].filter(Boolean).join('/'),
  );
  throw new Error(`The channel "${channel}" has no such scheme: there are ${there.join(', ')}`);
}

interface TypedSecret {
  readonly kind: string;
  readonly value: string;
}

/**
 * Read a secret as it was typed: `kind=value` with a kind of the channel, else a value for the first
 * kind of the scheme. The value may hold a `=` of its own.
 *
 * @throws Error where no value is left; it does not repeat what was typed
 */
export function readSecret(
  text: string,
  channel: ChannelName,
  { kinds: [first = ''] }: Scheme,
): TypedSecret {
  const kind = kindsOf(channel).find((known) => text.startsWith(`${known}=`));
  const value = kind === undefined ? text : text.slice(kind.length + 1);
  if (value === '') throw new Error(`A secret of the kind "${kind ?? first}" has no value`);
  return { kind: kind ?? first, value };
}
