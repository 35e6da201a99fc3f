import { createHmac } from 'node:crypto';
import type { Diagnosis } from '../../server/doctor/signature-doctor.ts';
import { diagnose } from '../../server/doctor/signature-doctor.ts';
import { schemes } from '../../src/domain/channel.ts';
import type { ChannelName, Integration, IntegrationSecret } from '../../src/domain/channel.ts';
import type { RawRequest } from '../../src/domain/channel.ts';
import { signedRequest } from '../../src/runtime/senders/index.ts';
import { bareIntegration } from '../support/integration.ts';

export const now = new Date('2026-03-01T12:00:00Z');
export const seconds = String(now.getTime() / 1000);

/** By kind, in the form that the provider of each takes. */
export const values: Readonly<Record<string, string>> = {
  platform: 'whsec_cGxhdGZvcm0tc2VjcmV0LXBsYXRmb3Jt',
  secret: 'a-github-secret-of-nobody',
  secret_token: 'gitlab+token/of=nobody',
  signing_token: 'whsec_c2lnbmluZy10b2tlbi1vZi1ub2JvZHktYXQtYWxs',
  password: 'a-password-of-nobody',
  sign_key: 'SECa-sign-key-of-nobody',
  token: 'wecomTokenOfNobody',
  encrypt_key: 'an-encrypt-key-of-nobody',
  verification_token: 'a-verification-token',
  aes_key: 'jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C',
};

export const body = '{"id":1,"name":"Zoë <a/b>","list":[1.0,{"b":null,"a":true}],"empty":{}}';

/** A secret that ended an hour before now. */
export const older: IntegrationSecret = {
  id: 'sec_older',
  kind: 'platform',
  value: 'an-older-secret-of-nobody',
  expiresAt: new Date(now.getTime() - 3_600_000),
};

/** An integration of a channel's scheme (the first without a number), with all secrets it needs. */
export function integrationOf(
  channel: ChannelName,
  index = 0,
  more: readonly IntegrationSecret[] = [],
): Integration {
  const { mode, scheme, kinds } = schemes[channel][index] ?? schemes[channel][0];
  const secrets = kinds.map((kind) => ({
    id: `sec_${kind}`,
    kind,
    value: values[kind] ?? '',
    expiresAt: null,
  }));
  return {
    ...bareIntegration,
    channel,
    mode,
    scheme,
    username: 'gerrit',
    receiveId: 'wwcorp',
    secrets: [...secrets, ...more],
  };
}

/** A body that a channel takes. */
const bodies: Partial<Record<ChannelName, string>> = {
  gerrit: '{"type":"ref-updated"}',
  gitlab: '{"object_kind":"push"}',
  gitee: '{"hook_name":"push_hooks"}',
  lark: '{"schema":"2.0","header":{"event_id":"1","event_type":"a.b","token":"a-verification-token"}}',
  wecom: '<xml><MsgType>text</MsgType><MsgId>1</MsgId></xml>',
};

/** A request as the provider of an integration sends it, signed for real. */
export function good(
  integration: Integration,
  text = bodies[integration.channel] ?? body,
): RawRequest {
  const sample = {
    name: 'push',
    contentType: integration.channel === 'wecom' ? 'text/xml' : 'application/json',
    body: Buffer.from(text),
  };
  const { username, receiveId, mode, scheme } = integration;
  const settings = { username, receiveId, mode, scheme, secrets: values, now };
  const signed = signedRequest(integration.channel, sample, settings);
  return { ...signed, headers: Object.entries(signed.headers) };
}

/** With a header put in place of all of its name; without a value it is taken away. */
export function withHeader(request: RawRequest, name: string, value?: string): RawRequest {
  const others = request.headers.filter(([sent]) => sent.toLowerCase() !== name.toLowerCase());
  return { ...request, headers: value === undefined ? others : [...others, [name, value]] };
}

export function headerOf(request: RawRequest, name: string): string {
  const [, value = ''] =
    request.headers.find(([sent]) => sent.toLowerCase() === name.toLowerCase()) ?? [];
  return value;
}

/** A request of the platform's scheme that differs in what is named. */
export function platform(
  options: {
    readonly key?: string | Buffer;
    readonly signed?: string | Buffer;
    readonly stamp?: string;
    readonly algorithm?: string;
    readonly write?: (digest: Buffer) => string;
    readonly name?: string;
    readonly sent?: string | Buffer;
  } = {},
): RawRequest {
  const { key = values['platform'] ?? '', stamp = seconds, algorithm = 'sha256' } = options;
  const { name = 'X-Webhook-Signature', sent = body } = options;
  const { write = (digest: Buffer) => `v1=${digest.toString('hex')}` } = options;
  const digest = createHmac(algorithm, key)
    .update(options.signed ?? `${seconds}.${body}`)
    .digest();
  const headers: [string, string][] = [
    ['Content-Type', 'application/json'],
    ['X-Webhook-Timestamp', stamp],
    [name, write(digest)],
  ];
  return { method: 'POST', query: '', headers, body: Buffer.from(sent) };
}

export async function diagnosed(request: RawRequest, integration: Integration): Promise<Diagnosis> {
  return diagnose(request, integration, { now, toleranceS: 300 });
}

/** The codes that are certain, in alphabetical order. */
export function certain({ findings }: Diagnosis): string[] {
  return findings
    .filter(({ confidence }) => confidence === 'certain')
    .map(({ code }) => code)
    .toSorted();
}

export function secretOf(kind: string): IntegrationSecret {
  return { id: `sec_${kind}`, kind, value: values[kind] ?? '', expiresAt: null };
}

/** The secrets of a kind ended an hour ago, and others took their place. */
export function rotated(integration: Integration, kind: string): Integration {
  const expiresAt = new Date(now.getTime() - 3_600_000);
  const secrets = integration.secrets.flatMap((secret) =>
    secret.kind === kind
      ? [
          { ...secret, expiresAt },
          {
            ...secret,
            id: 'sec_new',
            value: kind === 'aes_key' ? 'A'.repeat(43) : 'bmV3LXNlY3JldA==',
          },
        ]
      : [secret],
  );
  return { ...integration, secrets };
}

export const renamed = (request: RawRequest, from: string, to: string): RawRequest =>
  withHeader(withHeader(request, from), to, headerOf(request, from));

export const changed = (
  request: RawRequest,
  name: string,
  change: (value: string) => string,
): RawRequest => withHeader(request, name, change(headerOf(request, name)));

/** A request that is broken in one way, and the codes that say so. */
export type Row = readonly [name: string, codes: string, Integration, RawRequest];

/** A row in words that a title can use. */
export function named([name, codes, integration, request]: Row) {
  return { name, codes, integration, request };
}
