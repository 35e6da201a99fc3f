import type { Client } from '@temporalio/client';
import type { Knex } from 'knex';
import { endpointScopeOfRow } from '../src/runtime/endpoint-expressions.ts';
import { matchEndpoint } from '../src/runtime/endpoint-matching.ts';
import { makeId } from '../src/runtime/ids.ts';
import { findOriginal } from '../src/runtime/replay-again.ts';
import type { Again } from '../src/runtime/replay-again.ts';
import type { Verdict } from '../src/runtime/replay-judgement.ts';
import type { Starter } from '../src/runtime/starter.ts';
import { findDelivery } from '../src/store/deliveries.ts';
import { advanceLines } from '../src/store/delivery-lines.ts';
import type { DeliveryRow } from '../src/store/delivery-tables.ts';
import { findEndpoint } from '../src/store/endpoints.ts';
import { findEvent } from '../src/store/events.ts';
import { openForReplay } from '../src/store/replay-items.ts';
import type { Opened } from '../src/store/replay-items.ts';
import type { FreshDelivery, Opening } from '../src/store/replay-openings.ts';
import type { Replayable } from '../src/store/replay-selection.ts';
import type { ReplayRow } from '../src/store/replay-tables.ts';
import { findTriggerRun } from '../src/store/trigger-runs.ts';

export interface ReplayParts {
  readonly db: Knex;
  readonly client: Client;
  readonly starter: Starter;
}

/** An item, and what the expressions of its replay say of its event. */
export interface JudgedItem {
  readonly item: Replayable;
  readonly verdict: Verdict;
}

/** Open one item of a replay and start its workflow. Safe to repeat: it is opened once. */
export async function startItem(
  parts: ReplayParts,
  replay: ReplayRow,
  { item, verdict }: JudgedItem,
): Promise<Opened> {
  const nothing = { item, origin: null, failure: null, fresh: null };
  if (typeof verdict === 'object') {
    return openForReplay(parts.db, replay, { ...nothing, failure: verdict.failure });
  }
  if (replay.target_endpoint_id !== null || replay.ids === 'new') {
    const fresh = await makeFresh(parts.db, replay, item);
    return openAndStart(parts, { replay, opening: { ...nothing, fresh }, original: undefined });
  }
  const original = await findOriginal(parts.client, item);
  const origin = original === undefined ? 'row' : 'history';
  return openAndStart(parts, { replay, opening: { ...nothing, origin }, original });
}

interface Start extends Pick<Again, 'original'> {
  readonly replay: ReplayRow;
  readonly opening: Opening;
}

async function openAndStart(
  { db, starter }: ReplayParts,
  { replay, opening, original }: Start,
): Promise<Opened> {
  const opened = await openForReplay(db, replay, opening);
  if (opened.kind !== 'opened') return opened;
  const again = { replayId: replay.id, original };
  const id = opened.deliveryId ?? opening.item.id;
  if (id.startsWith('dlv_')) {
    for (const row of await listReady(db, id)) {
      // Another one of its line goes first, which may be nobody's or another replay's.
      await starter.start({ deliveries: [row] }, row.id === id ? again : undefined);
    }
  } else {
    const row = await findTriggerRun(db, id);
    if (row) await starter.start({ runs: [row] }, again);
  }
  return opened;
}

/** What may be started now that a delivery is opened: in an order only the first of its line. */
async function listReady(db: Knex, id: string): Promise<readonly DeliveryRow[]> {
  const row = await findDelivery(db, id);
  if (row?.state !== 'pending') return [];
  const { endpoint_id, order_key } = row;
  return row.is_in_line && order_key !== null
    ? advanceLines(db, [{ endpoint_id, order_key }])
    : [row];
}

/** A new id, and the key by which the endpoint of today orders its event. */
async function makeFresh(db: Knex, replay: ReplayRow, item: Replayable): Promise<FreshDelivery> {
  // Not before the replay, whose clock may be ahead: it would find its own deliveries else.
  const at = new Date(Math.max(Date.now(), replay.created_at.getTime()));
  const own = { id: makeId('dlv', at), at };
  const endpointId =
    replay.target_endpoint_id ?? (await findDelivery(db, item.id))?.endpoint_id ?? '';
  const endpoint = await findEndpoint(db, endpointId, replay.tenant_id);
  if (!endpoint || endpoint.order_by === null) return { ...own, orderKey: null };
  const event = await findEvent(db, item.eventId, replay.tenant_id);
  if (!event) return { ...own, orderKey: null };
  const everything = { ...endpoint, event_types: [event.type], filter: null };
  const match = matchEndpoint(everything, event.type, () => endpointScopeOfRow(event));
  return { ...own, orderKey: match.kind === 'sent' ? match.orderKey : null };
}
