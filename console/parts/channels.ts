import type { Answers } from '../../src/client/index.ts';

export type ChannelName = Answers['Integration']['channel'];

/** What each provider calls itself, in the order in which people look for them. */
const titles: Readonly<Record<ChannelName, string>> = {
  github: 'GitHub',
  gitlab: 'GitLab',
  gitee: 'Gitee',
  gerrit: 'Gerrit',
  lark: 'Feishu / Lark',
  wecom: 'WeCom',
  generic: 'Generic',
};

export const channelNames = Object.keys(titles) as readonly ChannelName[];

export function channelTitle(channel: ChannelName): string {
  return titles[channel];
}

/** Channels as the options of a select. */
export const channelOptions = channelNames.map((value) => ({ value, label: titles[value] }));
