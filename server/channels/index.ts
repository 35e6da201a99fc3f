import type { ChannelName } from '../../src/domain/channel.ts';
import type { Channel } from './channel.ts';
import { generic } from './generic.ts';
import { github } from './github.ts';

/** One file per channel, one line here. A map: `__proto__` and `constructor` are no channels. */
export const channels: ReadonlyMap<string, Channel> = new Map<ChannelName, Channel>([
  ['generic', generic],
  ['github', github],
]);
