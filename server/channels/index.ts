import type { ChannelName } from '../../src/domain/channel.ts';
import type { Channel } from './channel.ts';
import { generic } from './generic.ts';
import { gerrit } from './gerrit.ts';
import { gitee } from './gitee.ts';
import { github } from './github.ts';
import { gitlab } from './gitlab.ts';
import { lark } from './lark.ts';
import { wecom } from './wecom.ts';

/** One file per channel, one line here. A map: `__proto__` and `constructor` are no channels. */
export const channels: ReadonlyMap<string, Channel> = new Map<ChannelName, Channel>([
  ['lark', lark],
  ['wecom', wecom],
  ['gerrit', gerrit],
  ['gitlab', gitlab],
  ['github', github],
  ['gitee', gitee],
  ['generic', generic],
]);
