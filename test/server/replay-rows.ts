import { openForReplay } from '../../src/store/replay-items.ts';
import type { Opened } from '../../src/store/replay-items.ts';
import type { DeliveryRow } from '../../src/store/delivery-tables.ts';
import { addDelivery } from './rows.ts';
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

/** Deliveries of an endpoint that were delivered. Answers their ids. */
export async function addDelivered(
  api: ServedApi,
  { endpoint, count }: { endpoint: string; count: number },
  over: Partial<DeliveryRow> = {},
): Promise<string[]> {
  const ids: string[] = [];
  for (let i = 0; i < count; i += 1) {
    ids.push(await addDelivery(api, { state: 'delivered', endpoint_id: endpoint, ...over }));
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

/** What a worker does with one delivery of a replay. @param from - another cycle than its own makes it fail */
export async function openOne(
  { db }: ServedApi,
  replayId: string,
  { id = '', from = 1 }: { id: string | undefined; from?: number },
): Promise<Opened> {
  return openForReplay(db, replayId, {
    item: { id, from },
    origin: 'history',
    revision: 'as_then',
  });
}
