import type { ChannelName } from '../../parts/channels.ts';
import { useRead } from '../../api/read.ts';
import type { Answers } from '../../../src/client/index.ts';
import type { Integration } from './channel-words.ts';

export type Scheme = Answers['Channel']['schemes'][number];

const none: readonly Scheme[] = [];

/** The ways of verifying of a channel, the usual first; none until the API has told. */
export function useSchemes(channel: ChannelName): readonly Scheme[] {
  const { data } = useRead('/v1/channels');
  return data?.data.find((it) => it.channel === channel)?.schemes ?? none;
}

/** Whether it is the way in which an integration verifies. */
export function isSchemeOf(
  integration: Pick<Integration, 'mode' | 'scheme'>,
  { mode, scheme }: Scheme,
): boolean {
  return integration.mode === mode && integration.scheme === scheme;
}
