import type { Integration } from './channel-words.ts';
import { platformSteps, relaySteps } from './platform-steps.ts';

/** One thing to do at the provider. What stands between `**` is as its screens spell it. */
export interface Step {
  readonly text: string;
  /** To be copied: the address, or lines of a file. */
  readonly copy?: (integration: Integration) => string;
}

const urlOf = ({ url }: Integration): string => url;

const github: readonly Step[] = [
  { text: 'Repository or organisation → **Settings** → **Webhooks** → **Add webhook**.' },
  { text: '**Payload URL**: paste this address.', copy: urlOf },
  { text: '**Content type**: application/json.' },
  { text: '**Secret**: paste the integration’s secret.' },
  { text: 'Leave **SSL verification** on. Choose the events that you need, then **Add webhook**.' },
  { text: 'GitHub sends a ping at once: **Recent Deliveries** shows our answer.' },
];

const gitlabStart: readonly Step[] = [
  {
    text: 'Project or group → **Settings** → **Webhooks** → **Add new webhook**. For a whole instance: **Admin** → **System hooks**.',
  },
  { text: '**URL**: paste this address.', copy: urlOf },
];

const gitlabEnd: readonly Step[] = [
  {
    text: '**Trigger**: choose the events that you need. Leave **Enable SSL verification** on, save.',
  },
  { text: '**Test** beside the webhook sends an event at once; **Edit** shows our answers.' },
];

const giteeStart: readonly Step[] = [
  { text: 'Repository → **管理** (Manage) → **WebHooks** → **添加 webHook** (Add webHook).' },
  { text: '**URL**: paste this address. Use HTTPS: the body is not signed.', copy: urlOf },
];

const giteeEnd: readonly Step[] = [
  {
    text: '**选择事件** (Choose events): what you need. Leave **激活** (Active) on, then **添加** (Add).',
  },
  { text: '**测试** (Test) on the page of the webhook sends an event at once.' },
];

const gerritStart: readonly Step[] = [
  { text: 'Gerrit’s plugin must be there: **Browse** → **Plugins** lists **webhooks**.' },
  {
    text: 'As a project owner, fetch the branch **refs/meta/config** (of **All-Projects** for every project):',
    copy: () => 'git fetch origin refs/meta/config && git checkout FETCH_HEAD',
  },
];

const gerritEnd: readonly Step[] = [
  {
    text: 'Commit and push it. Without **event** lines all events are sent.',
    copy: () =>
      "git add webhooks.config && git commit -m 'Send events to Durahook' && git push origin HEAD:refs/meta/config",
  },
];

const lark: readonly Step[] = [
  {
    text: 'Open your app → **Events & Callbacks** (事件与回调) → tab **Encryption strategy** (加密策略).',
  },
  { text: '**Encrypt Key**: the same text as the secret Encrypt Key here.' },
  {
    text: '**Verification Token**: the console made it; it must be the secret Verification Token here. If it is not, rotate that secret with the console’s text.',
  },
  {
    text: 'Tab **Event configuration** (事件配置) → **Subscription mode** (订阅方式) → **Send events to developer’s server** (将事件发送至开发者服务器).',
  },
  {
    text: '**Request URL** (请求地址): paste this address, then **Save** (保存). The console checks it at once: the secrets must be right by then.',
    copy: urlOf,
  },
  { text: '**Add events** (添加事件), and grant the permissions that each one asks for.' },
  {
    text: '**Version Management & Release** (版本管理与发布): create a version and release it. New events count from there.',
  },
];

const wecom: readonly Step[] = [
  {
    text: '**我的企业** (My Company) → **企业ID** (CorpID): the receive id here. A third-party app has its SuiteID, a bot none.',
  },
  {
    text: '**应用管理** (App Management) → your app → **接收消息** (Receive Messages) → **设置API接收** (Receive messages by API).',
  },
  { text: '**URL**: paste this address.', copy: urlOf },
  { text: '**Token**: the same text as the secret Token here.' },
  { text: '**EncodingAESKey**: the same 43 characters as the secret EncodingAESKey here.' },
  {
    text: '**保存** (Save). WeCom checks the address at once: both secrets must be right by then.',
  },
];

/** By channel, and scheme or mode: `gitlab.signing_token`, `github.native`. */
const steps: Readonly<Record<string, readonly Step[]>> = {
  'github.native': github,
  'gitlab.secret_token': [
    ...gitlabStart,
    { text: '**Secret token**: paste the integration’s secret.' },
    ...gitlabEnd,
  ],
  'gitlab.signing_token': [
    ...gitlabStart,
    { text: '**Signing token** (GitLab 19 and later): the same text as here, whsec_…' },
    ...gitlabEnd,
  ],
  'gitee.password': [
    ...giteeStart,
    {
      text: '**WebHook 密码/签名密钥**: choose **WebHook 密码** (WebHook password) and paste the secret.',
    },
    ...giteeEnd,
  ],
  'gitee.signature': [
    ...giteeStart,
    {
      text: '**WebHook 密码/签名密钥**: choose **签名密钥** (signing key) and paste the secret.',
    },
    ...giteeEnd,
  ],
  'gerrit.url_token': [
    ...gerritStart,
    {
      text: 'Write **webhooks.config**, with the secret in place of TOKEN:',
      copy: ({ url }) => gerritFile(`${url}?token=TOKEN`),
    },
    ...gerritEnd,
  ],
  'gerrit.basic': [
    ...gerritStart,
    {
      text: 'Write **webhooks.config**, with the secret in place of PASSWORD. Percent-encode what is no letter or digit:',
      copy: ({ url, username }) => {
        const user = encodeURIComponent(username ?? 'USER');
        return gerritFile(url.replace('://', `://${user}:PASSWORD@`));
      },
    },
    ...gerritEnd,
    {
      text: 'Each event begins with a rejected request, token missing: Gerrit sends the password only when asked. That is no fault.',
    },
  ],
  'lark.native': lark,
  'wecom.native': wecom,
  'generic.platform': platformSteps,
};

function gerritFile(url: string): string {
  return `[remote "durahook"]\n  url = ${url}\n  sslVerify = true`;
}

/** What to do at the provider of an integration, in the words of its screens. */
export function stepsOf({ channel, mode, scheme }: Integration): readonly Step[] {
  return steps[`${channel}.${scheme ?? mode}`] ?? relaySteps;
}
