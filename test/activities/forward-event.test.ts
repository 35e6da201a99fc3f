import { ApplicationFailure } from '@temporalio/activity';
import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { forwardEvent } from '../../activities/forward-event.ts';
import type { ForwardParts } from '../../activities/forward-event.ts';
import { makeHttpClient } from '../../activities/http.ts';
import { makeEgress } from '../../src/runtime/egress.ts';
import { makeId } from '../../src/runtime/ids.ts';
import { startConsumer } from '../support/consumer.ts';
import type { Consumer } from '../support/consumer.ts';
import { freshDatabase } from '../support/database.ts';

const egress = makeEgress(['127.0.0.1']);
const http = makeHttpClient(egress);
let db: Knex;
let consumer: Consumer;
let parts: ForwardParts;
const eventId = makeId('evt');
beforeAll(async () => {
  db = await freshDatabase();
  consumer = await startConsumer();
  parts = { db, http, userAgent: 'Durahook/test', refuseUrl: (raw) => egress.refuseUrl(raw) };
  const received_at = new Date(Number.parseInt(eventId.slice(4, 16), 16));
  await db('events').insert({
    id: eventId,
    tenant_id: 'ten_1',
    direction: 'inbound',
    source: 'generic',
    type: 'report.made',
    content_type: 'text/csv',
    headers: {},
    query: '',
    body: Buffer.from('a,b\n1,2\n'),
    received_at,
  });
});
afterAll(async () => {
  await http.close();
  await consumer.close();
  await db.destroy();
});

async function forward(url: string, data: Record<string, unknown> | null = null) {
  return forwardEvent(parts, { tenantId: 'ten_1', eventId, url, data }).catch(
    (error: unknown) => error,
  );
}

describe('forwardEvent()', () => {
  test('sends the body as it came, with its type and the id of the event', async () => {
    expect(await forward(`${consumer.url}/raw`)).toEqual({ status: 200 });
    expect(consumer.at('/raw')).toMatchObject([
      {
        body: 'a,b\n1,2\n',
        headers: {
          'content-type': 'text/csv',
          'webhook-id': eventId,
          'x-webhook-event': 'report.made',
          'user-agent': 'Durahook/test',
        },
      },
    ]);
  });

  test('sends what the trigger makes of it as JSON', async () => {
    await forward(`${consumer.url}/json`, { n: 1 });
    expect(consumer.at('/json')).toMatchObject([
      { body: '{"n":1}', headers: { 'content-type': 'application/json' } },
    ]);
  });

  test.each([
    [500, false],
    [503, false],
    [302, false],
    [408, false],
    [425, false],
    [429, false],
    [400, true],
    [404, true],
    [410, true],
  ])('an answer of %i fails and names it; final: %s', async (status, nonRetryable) => {
    consumer.plan('/fails?token=secret', status);
    const failure = await forward(`${consumer.url}/fails?token=secret`);
    expect(failure).toBeInstanceOf(ApplicationFailure);
    expect(failure).toMatchObject({ type: 'ForwardFailed', nonRetryable });
    expect(String(failure)).toContain(`it answered ${status}`);
    expect(String(failure)).not.toContain('secret');
  });

  test('a redirect is not followed', async () => {
    consumer.plan('/moved', (response) => {
      response.writeHead(307, { location: `${consumer.url}/elsewhere` }).end();
    });
    await forward(`${consumer.url}/moved`);
    expect(consumer.at('/elsewhere')).toEqual([]);
  });

  test.each([
    ['an address that is not public', 'http://10.0.0.1/x', /10\.0\.0\.1: .*public internet/],
    ['cloud metadata', 'http://169.254.169.254/latest', /public internet/],
    ['another scheme', 'file:///etc/passwd', /Cannot forward to/],
    ['a password in it', 'http://a:b@example.com/', /Cannot forward to example\.com/],
    ['no URL', 'nowhere', /Cannot forward to this address/],
  ])('%s is refused and not tried again', async (_, url, why) => {
    const failure = await forward(url);
    expect(failure).toMatchObject({ type: 'ForwardFailed', nonRetryable: true });
    expect(String(failure)).toMatch(why);
  });

  test('an event that is gone is not tried again', async () => {
    const input = { tenantId: 'ten_2', eventId, url: `${consumer.url}/raw`, data: null };
    await expect(forwardEvent(parts, input)).rejects.toMatchObject({ nonRetryable: true });
  });
});
