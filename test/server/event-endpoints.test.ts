import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { makeId } from '../../src/runtime/ids.ts';
import type { EndpointRow } from '../../src/store/delivery-tables.ts';
import type { EventRow } from '../../src/store/tables.ts';
import { recordTriggerFile } from '../../src/store/triggers.ts';
import { definitionWith, onEvents } from '../support/definition.ts';
import { addDelivery, addEvent } from './rows.ts';
import { serveApi } from './served-api.ts';
import type { ServedApi } from './served-api.ts';

interface Unsent {
  readonly endpoint_id: string;
  readonly endpoint_url: string;
  readonly why: string;
  readonly decisive: unknown;
  readonly is_newer_than_event: boolean;
}

interface NotSent {
  readonly endpoints: readonly Unsent[];
  readonly is_cut: boolean;
}

let api: ServedApi;
beforeAll(async () => {
  api = await serveApi();
});
beforeEach(async () => {
  await api.db('endpoints').delete();
});
afterAll(async () => api.close());

const url = 'https://shop.example/hook';
const longAgo = new Date('2026-01-01T00:00:00.000Z');

async function endpoint(over: Partial<EndpointRow> = {}): Promise<string> {
  const id = makeId('ep');
  const facts = { id, tenant_id: api.tenantId, url, event_types: ['*'], created_at: longAgo };
  await api.db('endpoints').insert({ ...facts, state: 'enabled', ...over });
  return id;
}

/** An outbound event with some data. */
async function published(
  type: string,
  data: object = {},
  over: Partial<EventRow> = {},
): Promise<string> {
  const body = Buffer.from(JSON.stringify({ type, data }));
  return addEvent(api, { direction: 'outbound', source: 'platform', type, body, ...over });
}

async function notSentTo(id: string): Promise<NotSent> {
  const { status, body, text } = await api.call('GET', `/v1/events/${id}/explain`);
  if (status !== 200) throw new Error(text);
  return body['not_sent_to'] as NotSent;
}

async function whyNot(id: string): Promise<string | undefined> {
  return (await notSentTo(id)).endpoints[0]?.why;
}

const dropped = { payload_dropped_at: new Date(), payload_dropped_for: 'request' } as const;

describe('GET /v1/events/{id}/explain: not_sent_to', () => {
  test('names the endpoints without a delivery of the event, and no others', async () => {
    const id = await published('session.created');
    await addDelivery(api, { event_id: id, endpoint_id: await endpoint() });
    await addDelivery(api, { event_id: id, endpoint_id: await endpoint(), state: 'skipped' });
    await endpoint({ deleted_at: new Date() });
    await endpoint({ tenant_id: await api.makeTenant() });
    const without = await endpoint({ event_types: ['tool.*', 'import.completed'] });
    expect(await notSentTo(id)).toEqual({
      endpoints: [
        {
          endpoint_id: without,
          endpoint_url: url,
          why: 'asks for other event types: tool.*, import.completed',
          decisive: null,
          is_newer_than_event: false,
        },
      ],
      is_cut: false,
    });
  });

  test('is null of what came in', async () => {
    await endpoint();
    expect(await notSentTo(await addEvent(api))).toBeNull();
  });

  test('a verbose type is to be named', async () => {
    await endpoint();
    const id = await published('agent.step');
    expect(await whyNot(id)).toBe('"agent.step" is verbose and must be named: it asks for *');
  });

  test('an operational event is to be named, or asked for by endpoint.*', async () => {
    await endpoint();
    expect(await whyNot(await published('endpoint.failing', { endpoint_id: 'ep_1' }))).toBe(
      'operational events go only to endpoints that name them or endpoint.*: it asks for *',
    );
  });

  test('an endpoint is not told of itself', async () => {
    const own = await endpoint({ event_types: ['endpoint.*'] });
    const about = await published('endpoint.failing', { endpoint_id: own });
    expect(await whyNot(about)).toBe('the event is about it: no endpoint is told of itself');
    const gone = await published('endpoint.failing', {}, { ...dropped, body: Buffer.alloc(0) });
    expect(await whyNot(gone)).toBe(
      'would get it today: its settings were changed since, or the event, whose payload is gone, was about it',
    );
  });

  test('a filter that is false comes with the part of it that decided', async () => {
    await endpoint({ filter: "data.cost > 1.0 && data.kind == 'a'" });
    const [unsent] = (
      await notSentTo(await published('session.finished', { cost: 0.5, kind: 'a' }))
    ).endpoints;
    expect(unsent).toMatchObject({
      why: "its filter is false: data.cost > 1.0 && data.kind == 'a'",
      decisive: {
        expression: 'data.cost > 1.0',
        offset: 0,
        outcome: 'false',
        values: [{ expression: 'data.cost', value: '0.5' }],
      },
    });
  });

  test('a filter without a value would have left a skipped delivery: it is a new one', async () => {
    await endpoint({ filter: 'data.none > 1.0' });
    const [unsent] = (await notSentTo(await published('session.finished'))).endpoints;
    expect(unsent).toMatchObject({
      why: expect.stringMatching(
        /^its filter has no value today: .*none.*; its settings were changed since$/,
      ) as unknown,
      decisive: { outcome: expect.stringMatching(/^failed: /) as unknown },
    });
  });

  test('a filter cannot be asked once the payload is gone', async () => {
    await endpoint({ filter: 'true' });
    const gone = await published('session.finished', {}, { ...dropped, body: Buffer.alloc(0) });
    expect(await whyNot(gone)).toBe('its filter cannot be asked: the payload of the event is gone');
  });

  test('an endpoint that is newer than the event gets it by a replay', async () => {
    const id = await published('session.finished');
    await endpoint({ created_at: new Date(Date.now() + 1000) });
    const [unsent] = (await notSentTo(id)).endpoints;
    expect(unsent).toMatchObject({
      why: 'made after the event: a replay can backfill it',
      is_newer_than_event: true,
    });
    const gone = await published('session.finished', {}, { ...dropped, body: Buffer.alloc(0) });
    expect(await whyNot(gone)).toBe(
      'made after the event, whose payload is gone: no replay can backfill it',
    );
  });

  test('a newer one that does not want it either is told both', async () => {
    await endpoint({ created_at: new Date(Date.now() + 1000), event_types: ['tool.*'] });
    expect(await whyNot(await published('session.finished'))).toBe(
      'made after the event, and asks for other event types: tool.*',
    );
  });

  test('an older one that wants it today was changed since', async () => {
    await endpoint({ filter: 'data.cost > 1.0' });
    expect(await whyNot(await published('session.finished', { cost: 2 }))).toBe(
      'would get it today: its settings were changed since, or it was made at that very moment',
    );
  });

  test('tells of 100 endpoints and says that there are more, and reads the body once', async () => {
    const triggerId = makeId('trg');
    const definition = definitionWith({
      on: onEvents('events', ['session.*']),
      when: 'body.a == 1',
    });
    const said = { name: 'asks', file: 'asks.yaml', text: 'asks', definition };
    await recordTriggerFile(api.db, { id: triggerId, tenantId: api.tenantId, ...said });
    for (let count = 0; count < 101; count += 1) await endpoint({ filter: 'data.cost > 1.0' });
    const id = await published('session.finished', { cost: 1 });
    const reads: string[] = [];
    api.db.on('query', ({ sql }: { sql: string }) => {
      if (/select \*.*from "events"/.test(sql)) reads.push(sql);
    });
    const { endpoints, is_cut: isCut } = await notSentTo(id);
    expect(endpoints).toHaveLength(100);
    expect(isCut).toBe(true);
    expect(reads).toHaveLength(1);
  });
});
