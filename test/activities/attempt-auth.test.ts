import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sealAuth } from '../../src/runtime/endpoint-auth.ts';
import { signStandard } from '../../src/runtime/signature.ts';
import { startConsumer } from '../support/consumer.ts';
import type { Consumer } from '../support/consumer.ts';
import { openAttemptWorld, signingSecret } from './attempt-world.ts';
import type { AttemptWorld } from './attempt-world.ts';

let world: AttemptWorld;
let consumer: Consumer;
beforeAll(async () => {
  world = await openAttemptWorld();
  consumer = await startConsumer();
});
afterAll(async () => {
  await world.close();
  await consumer.close();
});

const sentTo = (path: string): (string | undefined)[] =>
  consumer.at(path).map(({ headers }) => headers.authorization);

describe('basic and bearer', () => {
  test.each([
    [
      'basic',
      { shown: { kind: 'basic', username: 'ünal' }, secret: { password: 'p:w' } },
      `Basic ${Buffer.from('ünal:p:w').toString('base64')}`,
    ],
    ['bearer', { shown: { kind: 'bearer' }, secret: { token: 'abc' } }, 'Bearer abc'],
  ] as const)('%s goes along, and replaces an own header', async (path, auth, expected) => {
    const own = { headers: { authorization: 'mine', 'x-team': 'a' } };
    const id = await world.addEndpoint(`${consumer.url}/${path}`, auth, own);
    await world.makeWorker()(id);
    expect(sentTo(`/${path}`)).toEqual([expected]);
    expect(consumer.at(`/${path}`)[0]?.headers['x-team']).toBe('a');
  });
});

describe('an answer that echoes what it was sent', () => {
  test.each([
    [
      'basic',
      { shown: { kind: 'basic', username: 'u' }, secret: { password: 'pass-wörd' } },
      ['pass-wörd', Buffer.from('u:pass-wörd').toString('base64')],
    ],
    ['bearer', { shown: { kind: 'bearer' }, secret: { token: 'tok-5f3a.9' } }, ['tok-5f3a.9']],
  ] as const)(
    'is kept without the %s credentials, and else as it was',
    async (kind, auth, secrets) => {
      const id = await world.addEndpoint(`${consumer.url}/echo-${kind}`, auth);
      consumer.plan(`/echo-${kind}`, (response) => {
        response.writeHead(500, { 'x-echo': `got ${secrets.at(-1)}` });
        response.end(
          Buffer.concat([Buffer.from([0xff]), Buffer.from(`got ${secrets.join(' ')} ✓`)]),
        );
      });
      const { headers, body } = await world.makeWorker()(id);
      const stars = secrets.map(() => '***').join(' ');
      expect(headers['x-echo']).toBe('got ***');
      expect(body).toEqual(Buffer.concat([Buffer.from([0xff]), Buffer.from(`got ${stars} ✓`)]));
    },
  );
});

test('an answer that echoes credentials escaped, as JSON of ASCII alone does, is kept without them', async () => {
  const auth = { shown: { kind: 'bearer' }, secret: { token: 'tökén/1' } } as const;
  const id = await world.addEndpoint(`${consumer.url}/echo-escaped`, auth);
  const sent = String.raw`{"got":"t\u00f6k\u00e9n\/1","as":"t%C3%B6k%C3%A9n%2F1"}`;
  consumer.plan('/echo-escaped', (response) => void response.writeHead(500).end(sent));
  const { body } = await world.makeWorker()(id);
  expect(body.toString()).toBe('{"got":"***","as":"***"}');
});

describe('oauth2', () => {
  /** An endpoint at `path` whose tokens come from `path` + `/token`. */
  async function addOauth(path: string, scope: string | null = null): Promise<string> {
    const token_url = `${consumer.url}${path}/token`;
    return world.addEndpoint(`${consumer.url}${path}`, {
      shown: { kind: 'oauth2', token_url, client_id: 'client id', scope },
      secret: { client_secret: 's3cr%t' },
    });
  }

  const answers =
    (body: object, status = 200) =>
    (response: ServerResponse) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
  const token = (name: string, over: object = {}) =>
    answers({ access_token: name, token_type: 'Bearer', expires_in: 3600, ...over });

  test('a token is fetched once and kept', async () => {
    const id = await addOauth('/kept', 'a b');
    consumer.plan('/kept/token', token('t1'), token('t2'));
    const attempt = world.makeWorker();
    await attempt(id);
    await attempt(id);
    expect(sentTo('/kept')).toEqual(['Bearer t1', 'Bearer t1']);
    const [asked, ...more] = consumer.at('/kept/token');
    expect(more).toEqual([]);
    expect(asked?.body).toBe('grant_type=client_credentials&scope=a+b');
    expect(asked?.headers).toMatchObject({
      'content-type': 'application/x-www-form-urlencoded',
      authorization: `Basic ${Buffer.from('client%20id:s3cr%25t').toString('base64')}`,
    });
  });

  test('many attempts at one time share one fetch', async () => {
    const id = await addOauth('/shared');
    consumer.always('/shared/token', (response) => {
      setTimeout(() => token('t1')(response), 100);
    });
    const attempt = world.makeWorker();
    await Promise.all([1, 2, 3, 4].map(() => attempt(id)));
    expect(sentTo('/shared')).toEqual(Array(4).fill('Bearer t1'));
    expect(consumer.at('/shared/token')).toHaveLength(1);
  });

  test.each([
    ['31 s is kept for 1 s', 31, 1],
    ['30 s is used once', 30, 2],
    ['no time given is kept', undefined, 1],
    ['a time of null is kept as one without', null, 1],
    ['a time that is no number is kept as one without', 'soon', 1],
  ])('a token good for %s', async (_, expires_in, fetches) => {
    const path = `/good-for-${String(expires_in)}`;
    const id = await addOauth(path);
    consumer.always(`${path}/token`, token('t1', { expires_in }));
    const attempt = world.makeWorker();
    await attempt(id);
    await attempt(id);
    expect(consumer.at(`${path}/token`)).toHaveLength(fetches);
  });

  test.each([
    [401, 'Bearer t2'],
    [403, 'Bearer t1'],
  ])('after a %d of the consumer the next attempt is sent %s', async (status, next) => {
    const id = await addOauth(`/refused-${status}`);
    consumer.plan(`/refused-${status}/token`, token('t1'), token('t2'));
    consumer.plan(`/refused-${status}`, status, 200);
    const attempt = world.makeWorker();
    await attempt(id, 1);
    await attempt(id, 2);
    expect(sentTo(`/refused-${status}`)).toEqual(['Bearer t1', next]);
  });

  test('another secret means another token', async () => {
    const id = await addOauth('/changed');
    consumer.plan('/changed/token', token('t1'), token('t2'));
    const attempt = world.makeWorker();
    await attempt(id);
    const auth_sealed = sealAuth(world.sealer, id, { client_secret: 'new' });
    await world.db('endpoints').where({ id }).update({ auth_sealed });
    await attempt(id);
    expect(sentTo('/changed')).toEqual(['Bearer t1', 'Bearer t2']);
  });

  test.each([
    [
      'refused',
      answers({ error: 'invalid_client', error_description: 's3cr%t' }, 401),
      'The token endpoint answered 401 invalid_client',
    ],
    ['unavailable', answers({ error: 's3cr%t' }, 503), 'The token endpoint answered 503'],
    ['empty', answers({}), 'The token endpoint answered 200 without a bearer token'],
    [
      'of-another-kind',
      token('t1', { token_type: 'mac' }),
      'The token endpoint answered 200 without a bearer token',
    ],
    [
      'no-header',
      token('t1\r\nx-evil: 1'),
      'The token endpoint answered 200 without a bearer token',
    ],
    [
      'redirected',
      (response: ServerResponse) => response.writeHead(302, { location: '/token' }).end(),
      'The token endpoint answered 302',
    ],
    ['silent', () => undefined, 'The token endpoint did not answer: timeout'],
  ])(
    'without a token (%s) nothing is posted, and the attempt fails',
    async (name, plan, detail) => {
      const id = await addOauth(`/${name}`);
      consumer.plan(`/${name}/token`, plan, token('t2'));
      const attempt = world.makeWorker();
      const { body, ...answer } = await attempt(id);
      expect(consumer.at(`/${name}`)).toEqual([]);
      expect(answer).toMatchObject({ reason: 'auth', status: null });
      expect(body.toString()).toBe(detail);
      await attempt(id, 2);
      expect(sentTo(`/${name}`)).toEqual(['Bearer t2']);
    },
  );

  test('the token endpoint is guarded as the consumer is', async () => {
    const id = await world.addEndpoint(`${consumer.url}/inside`, {
      shown: { kind: 'oauth2', token_url: 'http://10.0.0.1/', client_id: 'c', scope: null },
      secret: { client_secret: 's' },
    });
    const { body } = await world.makeWorker()(id);
    expect(body.toString()).toBe('The token endpoint did not answer: blocked');
  });

  test('token and POST share one deadline', async () => {
    const id = await addOauth('/slow');
    await world.db('endpoints').where({ id }).update({ timeout_ms: 2000 });
    consumer.plan('/slow/token', (response) => void setTimeout(() => token('t1')(response), 1200));
    consumer.plan('/slow', (response) => void setTimeout(() => response.end(), 1500));
    const answer = await world.makeWorker()(id);
    expect(answer).toMatchObject({ reason: 'timeout' });
    expect(answer.durationMs).toBeGreaterThanOrEqual(1995);
  });
});

describe('formats', () => {
  test.each([
    ['cloudevents-structured', 'application/cloudevents+json; charset=utf-8'],
    ['cloudevents-binary', 'application/json'],
  ] as const)(
    '%s keeps its bytes over the attempts and signs them',
    async (format, contentType) => {
      const id = await world.addEndpoint(
        `${consumer.url}/${format}`,
        { shown: { kind: 'bearer' }, secret: { token: 't' } },
        { format },
      );
      consumer.plan(`/${format}`, 500, 200);
      const attempt = world.makeWorker();
      await attempt(id, 1);
      await attempt(id, 2);
      const [one, two] = consumer.at(`/${format}`);
      expect(one?.body).toContain('12345678901234567890');
      expect(two?.body).toBe(one?.body);
      expect(one?.headers['content-type']).toBe(contentType);
      const timestamp = String(two?.headers['webhook-timestamp']);
      const signed = { id: 'dlv_1', timestamp, body: two?.body ?? '' };
      expect(two?.headers['webhook-signature']).toBe(signStandard(signingSecret, signed));
    },
  );
});
