import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { channels } from '../../server/channels/index.ts';
import { makeRejectedRequest } from '../../server/rejected-request.ts';
import type { ChannelName, Integration, RawRequest } from '../../src/domain/channel.ts';
import { asBuffer } from '../../src/runtime/body.ts';
import { serveIngress } from './served-ingress.ts';
import type { ServedIngress } from './served-ingress.ts';
import { bareIntegration } from '../support/integration.ts';

interface Sent extends Partial<RawRequest> {
  readonly channel?: ChannelName;
}

/** What is shown of a request to an integration that has these secrets. */
function shown(secrets: readonly string[], { channel: name = 'github', ...sent }: Sent) {
  const channel = channels.get(name);
  if (!channel) throw new Error(`There is no channel "${name}"`);
  const integration: Integration = {
    ...bareIntegration,
    channel: name,
    mode: 'native',
    username: 'gerrit',
    secrets: secrets.map((value) => ({ id: 'sec_1', kind: 'secret', value, expiresAt: null })),
  };
  const request = { method: 'POST', query: '', headers: [], body: Buffer.alloc(0), ...sent };
  const rejection = { kind: 'rejected', reason: 'signature_mismatch', detail: '' } as const;
  const made = makeRejectedRequest(rejection, { request, integration, now: new Date() }, channel);
  return { ...made, text: asBuffer(made.body).toString('utf8') };
}

const asUnits = (text: string): string =>
  Array.from(
    { length: text.length },
    (_, at) => String.raw`\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`,
  ).join('');

describe('a known secret in the body of a rejected request', () => {
  test.each([
    ['as it is', 'hunter22', 'hunter22'],
    ['escaped as JSON must', String.raw`a"b\c`, String.raw`a\"b\\c`],
    ['with escaped slashes', 'a/b/c', String.raw`a\/b/c`],
    ['in JSON of ASCII alone', 'pässwörd', String.raw`p\u00e4ssw\u00F6rd`],
    ['in JSON of ASCII alone, beyond the plane', 'key😀', String.raw`key\ud83d\uDE00`],
    ['in JSON that escapes everything', 'hunter22', asUnits('hunter22')],
    ['in JSON within JSON', String.raw`a"b`, String.raw`a\\\"b`],
    ['percent-encoded', 'a/b=c', 'a%2Fb%3Dc'],
    ['percent-encoded in lower case', 'a/b=c', 'a%2fb%3dc'],
    ['percent-encoded without need', 'hunter22', '%68unter%32%32'],
    ['percent-encoded twice', 'a/b', 'a%252Fb'],
    ['percent-encoded, with more than ASCII', 'pässwörd', 'p%C3%A4ssw%c3%b6rd'],
    ['with `+` for its blanks', 'correct horse battery', 'correct+horse%20battery'],
    ['with its own `+`, the rest escaped', 'a+b/c', '%61+b%2Fc'],
    ['in the JSON of a form', 'a"b/c', 'a%5C%22b%5C%2Fc'],
    ['in the JSON of ASCII of a form', 'pässwörd', 'p%5Cu00e4ssw%5Cu00f6rd'],
    ['as one byte per letter', 'pässwörd', Buffer.from('pässwörd', 'latin1')],
    ['in base64', 'hunter22', Buffer.from('hunter22').toString('base64').replaceAll('=', '')],
    ['in base64 of addresses', 'ÿÿÿ>>>', Buffer.from('ÿÿÿ>>>').toString('base64url')],
    ['in base64 of user and password', 'hunter22', btoa('gerrit:hunter22')],
  ])('is not shown %s', (_, secret, sent) => {
    const body = Buffer.concat([Buffer.from('{"k":"'), Buffer.from(sent), Buffer.from('"}')]);
    expect(shown([secret], { body }).text).toMatch(/^\{"k":"\*\*\*"\}$/);
  });

  test('is not shown where one begins another, or overlaps it', () => {
    expect(shown(['abc', 'abcdef', 'efgh'], { body: Buffer.from('-abcdefgh-abc-') }).text).toBe(
      '-***-***-',
    );
  });

  test('leaves bytes around it as they are, also what is no text', () => {
    const [before, after] = [Buffer.from([0xff, 0x00, 0xfe]), Buffer.from('%zz\\q+ \\u12 %')];
    const { body } = shown(['hunter22'], {
      body: Buffer.concat([before, Buffer.from('%68unter22'), after]),
    });
    expect(asBuffer(body)).toEqual(Buffer.concat([before, Buffer.from('***'), after]));
  });

  test('may be a single letter: no more than 64 KiB are shown for it', () => {
    const { body } = shown(['a'], { body: Buffer.alloc(65_536, 'a') });
    expect(body.length).toBe(65_536);
  });

  test('is not shown in part where it lies across the cut, however it is escaped', () => {
    const secret = 'hunter22'.repeat(128);
    const body = Buffer.from(`${'-'.repeat(65_500)}${asUnits(secret)}${'-'.repeat(9000)}`);
    expect(shown([secret], { body }).text).toMatch(/^-{65500}\*\*\*$/);
  });

  test('is not shown in part where what is before it became shorter', () => {
    const secret = 'hunter22'.repeat(127);
    const body = Buffer.from(secret.repeat(500));
    expect(shown([secret], { body }).text).toMatch(/^\**$/);
    const json = Buffer.from(
      `{"password":"${'x'.repeat(70_000)}","k":"${'-'.repeat(11_000)}${secret}"}`,
    );
    expect(shown([secret], { channel: 'gitee', body: json }).text).not.toContain('hunter');
  });

  test('takes little time to be looked for, whatever is sent', () => {
    const secrets = Array.from({ length: 20 }, (_, at) => `${'\\'.repeat(500)}${at}%41`);
    const hostile = ['\\', '%25', '\\u005c', '%5C', '+ '].map((text) =>
      Buffer.from(text.repeat(70_000)),
    );
    const start = performance.now();
    for (const body of hostile) shown(secrets, { body });
    // Measured: 20 ms each. What is not linear in the body would take minutes.
    expect(performance.now() - start).toBeLessThan(20_000);
  });
});

describe('a known secret around the body of a rejected request', () => {
  test('is replaced in the query and in headers, in every form', () => {
    const { query, headers } = shown(['a/b c'], {
      query: 'x=a%2fb+c&y=%61/b%20c&z=1',
      headers: [
        ['X-Key', 'a/b c'],
        ['X-Json', String.raw`{"k":"a\/b c"}`],
        ['X-Basic', btoa('gerrit:a/b c')],
      ],
    });
    expect(query).toBe('x=***&y=***&z=1');
    expect(headers).toEqual({ 'x-key': '***', 'x-json': '{"k":"***"}', 'x-basic': '***' });
  });

  test('is replaced in its own parameter, while the rest of the query stays as it was sent', () => {
    const query = 'a&b=&&%74oken=x=y&c=%zz=1&token&token=&d';
    expect(shown([], { channel: 'gerrit', query }).query).toBe(
      'a&b=&&%74oken=***&c=%zz=1&token=***&token=***&d',
    );
  });

  test.each(['Authorization', 'Proxy-Authorization', 'X-Forwarded-Authorization', 'Cookie'])(
    'nor is any in the header %s, known or not',
    (name) => {
      const { headers } = shown([], { headers: [[name, 'Basic c29tZWJvZHk=']] });
      expect(headers).toEqual({ [name.toLowerCase()]: '***' });
    },
  );
});

describe('the rejected requests of a server', () => {
  let world: ServedIngress;
  beforeEach(async () => {
    world = await serveIngress();
  });
  afterEach(() => world.close());

  const reject = async (query = '', init: RequestInit = { body: '{}' }): Promise<void> => {
    const { id } = world.integrations.generic;
    const url = `${world.api.origin}/v1/webhook/generic/${id}${query}`;
    expect((await fetch(url, { method: 'POST', ...init })).status).toBe(401);
  };

  test('show no known secret of their integration, wherever it stands', async () => {
    const secret = world.integrations.generic.secrets['platform'] ?? '';
    await reject(`?key=${secret}`, { body: `{"k":"${secret}"}`, headers: { 'X-Key': secret } });
    const [kept] = await world.rejected(1);
    const { body } = await world.call('GET', `/v1/rejected-requests/${String(kept?.['id'])}`);
    expect(body).toMatchObject({ query: 'key=***', body: '{"k":"***"}' });
    expect(body['headers']).toMatchObject({ 'x-key': '***' });
  });

  test('are listed without a look at bodies and sealed originals', async () => {
    await reject();
    const queries: string[] = [];
    world.db.on('query', ({ sql }: { sql: string }) => queries.push(sql));
    await world.rejected(1);
    await world.call('POST', '/v1/rejected-requests/release', { filter: {} });
    const [list, ids] = queries.filter((sql) => sql.includes('order by "id"'));
    expect(list).toMatch(/sealed is not null as is_whole/);
    expect(list).not.toMatch(/\*|"body"|"sealed"/);
    expect(ids).toMatch(/^select "id" from/);
  });

  test.each(['body_too_large', 'method_not_allowed'])(
    'have no filter for %s, which is never kept',
    async (reason) => {
      const { status } = await world.call('GET', `/v1/rejected-requests?reason=${reason}`);
      expect(status).toBe(422);
    },
  );
});
