import type { ChannelName } from '../../parts/channels.ts';
import type { Answers } from '../../../src/client/index.ts';
import type { Scheme } from '../channel/schemes.ts';

/** What is written into the dialog. */
export interface ConnectDraft {
  readonly channel: ChannelName;
  /** Which of the channel's ways of verifying, by its place. */
  readonly schemeIndex: number;
  readonly description: string;
  readonly username: string;
  readonly receiveId: string;
  /** By kind; empty: one is made. */
  readonly secrets: Readonly<Record<string, string>>;
}

export const emptyDraft: ConnectDraft = {
  channel: 'github',
  schemeIndex: 0,
  description: '',
  username: '',
  receiveId: '',
  secrets: {},
};

/** The ways of verifying of a channel, the usual first; none until the API has told. */
export function schemesOf(
  channels: readonly Answers['Channel'][] | undefined,
  channel: ChannelName,
): readonly Scheme[] {
  return channels?.find((it) => it.channel === channel)?.schemes ?? [];
}

/** The body of `POST /v1/integrations`. */
export function toBody(draft: ConnectDraft, scheme: Scheme) {
  const given = scheme.kinds.flatMap((kind): [string, string][] => {
    const value = draft.secrets[kind] ?? '';
    return value === '' ? [] : [[kind, value]];
  });
  const description = draft.description.trim();
  return {
    channel: draft.channel,
    mode: scheme.mode,
    scheme: scheme.scheme,
    secrets: Object.fromEntries(given),
    ...(description !== '' && { description }),
    ...(scheme.needs_username && { username: draft.username }),
    ...(scheme.needs_receive_id && { receive_id: draft.receiveId.trim() }),
  };
}

/** Whether nothing is missing that only the provider knows: what is made here for it would never match. */
export function isComplete({ secrets }: ConnectDraft, scheme: Scheme): boolean {
  return !scheme.is_one_kind_enough || scheme.kinds.some((kind) => (secrets[kind] ?? '') !== '');
}
