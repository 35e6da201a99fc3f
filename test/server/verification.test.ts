import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { channels } from '../../server/channels/index.ts';
import type { ChannelName, RawRequest, Received } from '../../src/domain/channel.ts';
import { makeIntegrationSecret } from '../../src/runtime/integration-secret.ts';
import { sendSigned } from '../../src/runtime/senders/send.ts';
import { signedRequest } from '../../src/runtime/senders/index.ts';
import type { SenderSettings } from '../../src/runtime/senders/sender.ts';
import { integrationOf } from '../support/sender.ts';
import { serveIngress } from './served-ingress.ts';
import type { ServedIngress } from './served-ingress.ts';

/** The clock is far from every tolerance but ten seconds: a changed digit can stay inside it. */
const clock = { now: new Date('2026-06-01T12:00:00Z'), toleranceS: 10 };
const secret = makeIntegrationSecret('aes_key');

interface SigningScheme {
  readonly channel: ChannelName;
  readonly settings: SenderSettings;
  /** Where the signature is; its text from `start` on is what may not change. */
  readonly header: string;
  readonly start: number;
  readonly timestamp?: string;
}

function native(channel: ChannelName, kind: string, scheme: string | null = null): SenderSettings {
  return { mode: 'native', scheme, secrets: { [kind]: secret }, username: null, receiveId: null };
}

const relay: SenderSettings = { ...native('generic', 'platform'), mode: 'platform' };
const platform = { header: 'X-Webhook-Signature', start: 3, timestamp: 'X-Webhook-Timestamp' };

/** The schemes that sign the body. */
const signing: readonly SigningScheme[] = [
  { channel: 'generic', settings: relay, ...platform },
  { channel: 'gerrit', settings: relay, ...platform },
  {
    channel: 'github',
    settings: native('github', 'secret'),
    header: 'X-Hub-Signature-256',
    start: 7,
  },
  {
    channel: 'gitlab',
    settings: native('gitlab', 'signing_token', 'signing_token'),
    header: 'webhook-signature',
    start: 3,
    timestamp: 'webhook-timestamp',
  },
  {
    channel: 'lark',
    settings: native('lark', 'encrypt_key'),
    header: 'X-Lark-Signature',
    start: 0,
    timestamp: 'X-Lark-Request-Timestamp',
  },
];

/** A body that the channel takes, with something of any kind in it. */
const bodies = fc.json().map((text) => {
  const any: unknown = JSON.parse(text);
  const header = { event_type: 'x.y', event_id: 'e-1' };
  return JSON.stringify({ type: 'x', object_kind: 'push', schema: '2.0', header, any });
});

function sign({ channel, settings }: SigningScheme, text: string): RawRequest {
  const sample = { name: 'push', contentType: 'application/json', body: Buffer.from(text) };
  const signed = signedRequest(channel, sample, {
    ...settings,
    now: clock.now,
    deliveryId: 'd-1',
  });
  return { ...signed, headers: Object.entries(signed.headers) };
}

function receive({ channel, settings }: SigningScheme, request: RawRequest): Received | undefined {
  const integration = { ...integrationOf(channel, settings), toleranceS: clock.toleranceS };
  return channels.get(channel)?.receive(request, integration, clock);
}

function withHeader(
  request: RawRequest,
  name: string,
  change: (value: string) => string,
): RawRequest {
  const headers = request.headers.map(
    ([key, value]) => [key, key === name ? change(value) : value] as const,
  );
  return { ...request, headers };
}

/** Replace one character by another one of the alphabet. */
function replaceAt(text: string, at: number, by: string): string {
  return text.slice(0, at) + by + text.slice(at + 1);
}

describe.each(signing)('$channel, $settings.mode', (scheme) => {
  test('takes what is signed, and refuses it with any one byte of the body changed', () => {
    fc.assert(
      fc.property(bodies, fc.nat(), fc.integer({ min: 1, max: 255 }), (text, place, flip) => {
        const request = sign(scheme, text);
        expect(receive(scheme, request)).toMatchObject({ kind: 'event' });
        const body = Buffer.from(request.body);
        const at = place % body.length;
        body[at] = (body[at] ?? 0) ^ flip;
        expect(receive(scheme, { ...request, body })).toMatchObject({ kind: 'rejected' });
      }),
    );
  });

  test('refuses it with any one byte of the signature changed', () => {
    fc.assert(
      fc.property(bodies, fc.nat(), fc.integer({ min: 0, max: 255 }), (text, place, code) => {
        const by = String.fromCharCode(code);
        const changed = withHeader(sign(scheme, text), scheme.header, (value) => {
          const at = scheme.start + (place % (value.length - scheme.start));
          // The case of a hex digit says nothing; a comma or a blank makes a list of it.
          fc.pre(by.toLowerCase() !== (value[at] ?? '').toLowerCase());
          return replaceAt(value, at, by);
        });
        expect(receive(scheme, changed)).toMatchObject({ kind: 'rejected' });
      }),
    );
  });

  test('does not mind the case of header names nor blanks around values', () => {
    fc.assert(
      fc.property(
        bodies,
        fc.array(fc.boolean(), { minLength: 64, maxLength: 64 }),
        (text, cases) => {
          const request = sign(scheme, text);
          const headers = request.headers.map(([name, value]) => {
            const letters = Array.from(name).map((letter, index) =>
              cases[index] === true ? letter.toUpperCase() : letter.toLowerCase(),
            );
            return [letters.join(''), ` \t${value} `] as const;
          });
          expect(receive(scheme, { ...request, headers })).toMatchObject({ kind: 'event' });
        },
      ),
    );
  });
});

const read = signing.flatMap((scheme) => {
  const { header, timestamp } = scheme;
  const names = timestamp === undefined ? [header] : [header, timestamp];
  // The platform's signature is a list: it may come in several headers.
  return names
    .filter((name) => name !== platform.header)
    .map((name) => ({ ...scheme, scheme, name }));
});

test.each(read)('$channel, $settings.mode, refuses $name twice', ({ scheme, name }) => {
  const request = sign(scheme, '{"type":"x","object_kind":"x","header":{"event_type":"x"}}');
  const twice = request.headers.filter(([key]) => key === name);
  expect(twice).toHaveLength(1);
  expect(receive(scheme, { ...request, headers: [...request.headers, ...twice] })).toMatchObject({
    reason: 'duplicate_parameter',
  });
});

const timed = signing.flatMap((scheme) => {
  const { timestamp } = scheme;
  return timestamp === undefined ? [] : [{ ...scheme, scheme, timestamp }];
});

test.each(timed)(
  '$channel, $settings.mode, refuses any one digit of $timestamp changed',
  ({ scheme, timestamp }) => {
    fc.assert(
      fc.property(bodies, fc.nat(), fc.nat({ max: 9 }), (text, place, digit) => {
        const request = sign(scheme, text);
        expect(receive(scheme, request)).toMatchObject({ kind: 'event' });
        const changed = withHeader(request, timestamp, (value) => {
          const at = place % value.length;
          fc.pre(value[at] !== String(digit));
          return replaceAt(value, at, String(digit));
        });
        expect(changed).not.toEqual(request);
        expect(receive(scheme, changed)).toMatchObject({ kind: 'rejected' });
      }),
    );
  },
);

describe('a body', () => {
  let world: ServedIngress;
  beforeAll(async () => {
    world = await serveIngress();
  });
  afterAll(() => world.close());

  test('of any bytes and any declared type lies in the table byte for byte', async () => {
    const { generic } = world.integrations;
    const url = `${world.api.origin}/v1/webhook/generic/${generic.id}`;
    const types = fc.constantFrom(
      'text/plain',
      'application/octet-stream',
      'application/xml',
      'a/b; c=d',
    );
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 5000 }), types, async (bytes, contentType) => {
        const body = Buffer.from(bytes);
        const sample = { name: 'any', contentType, body };
        const { status, text } = await sendSigned(
          url,
          signedRequest('generic', sample, { ...generic, now: new Date() }),
        );
        expect({ status, text }).toMatchObject({ status: 200 });
        const { event_id: id } = JSON.parse(text) as { event_id: string };
        const row = await world.db('events').where({ id }).first();
        expect(row?.body.equals(body)).toBe(true);
        expect(row?.content_type).toBe(contentType);
      }),
    );
  });
});
