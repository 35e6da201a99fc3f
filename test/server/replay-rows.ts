import { openForReplay } from '../../src/store/replay-items.ts';
import type { Opened } from '../../src/store/replay-items.ts';
import type { Opening } from '../../src/store/replay-openings.ts';
import type { ReplayRow } from '../../src/store/replay-tables.ts';
import type { DeliveryRow } from '../../src/store/delivery-tables.ts';
import type { EventRow } from '../../src/store/tables.ts';
import { addDelivery, addEvent } from './rows.ts';
import type { Answer, ServedApi } from './served-api.ts';

const hour = 3_600_000;

/** An hour back and an hour ahead. */
export const frame = {
  from: new Date(Date.now() - hour).toISOString(),
  to: new Date(Date.now() + hour).toISOString(),
};

/** A row of a replay's own millisecond is not older than it: to be waited for between the two. */
export async function nextMoment(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 5));
}

/** An outbound event of `session.created`. Answers its id. */
export async function addOutbound(api: ServedApi, over: Partial<EventRow> = {}): Promise<string> {
  const own = { direction: 'outbound', source: 'platform', type: 'session.created' } as const;
  return addEvent(api, { ...own, ...over });
}

/** Deliveries of an endpoint that were delivered, each of an event of its own. Answers their ids. */
export async function addDelivered(
  api: ServedApi,
  { endpoint, count }: { endpoint: string; count: number },
  over: Partial<DeliveryRow> = {},
): Promise<string[]> {
  const ids: string[] = [];
  for (let i = 0; i < count; i += 1) {
    const event_id = await addOutbound(api);
    const own = { state: 'delivered', endpoint_id: endpoint, event_id } as const;
    ids.push(await addDelivery(api, { ...own, ...over }));
  }
  await nextMoment();
  return ids;
}

/** Ask for a replay of an endpoint's deliveries in `frame`. */
export async function start(
  api: ServedApi,
  endpoint_id: string,
  over: object = {},
): Promise<Answer> {
  return api.call('POST', '/v1/replays', { ...frame, direction: 'outbound', endpoint_id, ...over });
}

/** New deliveries of an endpoint and a replay of them. */
export async function startOver(
  api: ServedApi,
  endpoint: string,
  count: number,
): Promise<{ id: string; ids: string[] }> {
  const ids = await addDelivered(api, { endpoint, count });
  const { body } = await start(api, endpoint);
  return { id: String(body['id']), ids };
}

/** The row of a replay. */
export async function replayRow({ db }: ServedApi, id: string): Promise<ReplayRow> {
  const replay = await db('replays').where({ id }).first();
  if (!replay) throw new Error(`There is no replay "${id}"`);
  return replay;
}

/** What a worker does with one item of a replay. @param from - another cycle than its own makes it fail */
export async function openOne(
  api: ServedApi,
  replayId: string,
  { id = '', from = 1, ...over }: { id: string | undefined; from?: number } & Partial<Opening>,
): Promise<Opened> {
  const eventId = await eventOf(api, id);
  return openForReplay(api.db, await replayRow(api, replayId), {
    item: { id, from, eventId },
    origin: 'history',
    failure: null,
    fresh: null,
    ...over,
  });
}

async function eventOf({ db }: ServedApi, id: string): Promise<string> {
  const table = { dlv: 'deliveries', run: 'trigger_runs', evt: 'events' }[id.slice(0, 3)] ?? '';
  const row = (await db(table).where({ id }).first()) as { id: string; event_id?: string };
  return row.event_id ?? row.id;
}
