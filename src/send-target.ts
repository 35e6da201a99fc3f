import { channelNames, schemes } from './domain/channel.ts';
import type { ChannelName, Scheme } from './domain/channel.ts';
import type { DevFile } from './embedded/dev-folder.ts';
import type { SenderSettings } from './runtime/senders/sender.ts';

/** What a person may say of the address that a sample is sent to. */
export interface SendTargetOptions {
  readonly url?: string;
  /** Each `kind=value`, or a value alone for the first kind of the scheme. */
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
  const name = channelNames.find((known) => known === channel);
  if (!name) throw new Error(`There is no channel "${channel}": use ${channelNames.join(', ')}`);
  const isWhole = options.url !== undefined && options.secret !== undefined;
  const known = isWhole ? undefined : (await findDev()).integrations[name];
  const scheme = pickScheme(name, options, known);
  const secrets = options.secret ? readSecrets(options.secret, scheme) : known?.secrets;
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

type Known = DevFile['integrations'][string] | undefined;

function pickScheme(channel: ChannelName, options: SendTargetOptions, known: Known): Scheme {
  const isNamed = options.mode !== undefined || options.scheme !== undefined;
  const wanted = isNamed ? options : { mode: known?.mode, scheme: known?.scheme ?? undefined };
  const found = schemes[channel].find(
    ({ mode, scheme }) =>
      (wanted.mode ?? mode) === mode &&
      (wanted.scheme ?? scheme ?? undefined) === (scheme ?? undefined),
  );
  if (found) return found;
  const there = schemes[channel].map(({ mode, scheme }) =>
    [mode, scheme].filter(Boolean).join('/'),
  );
  throw new Error(`The channel "${channel}" has no such scheme: there are ${there.join(', ')}`);
}

function readSecrets(given: readonly string[], { kinds }: Scheme): Record<string, string> {
  const [first = ''] = kinds;
  return Object.fromEntries(
    given.map((text) => {
      const at = text.indexOf('=');
      const kind = text.slice(0, at);
      return at > 0 && kinds.includes(kind) ? [kind, text.slice(at + 1)] : [first, text];
    }),
  );
}
