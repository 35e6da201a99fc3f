import type { Knex } from 'knex';
import { idBound, instantOf } from '../src/domain/id.ts';
import { listDeliveriesAfter, listEventsAfter } from '../src/store/live-rows.ts';
import type { After, LiveDelivery, LiveEvent } from '../src/store/live-rows.ts';
import { freshMax, makeLiveWindow, overlapMs } from './live-window.ts';
import type { LiveWindow } from './live-window.ts';

export const topicNames = ['events', 'deliveries'] as const;
export type Topic = (typeof topicNames)[number];

/**
 * Deliveries are looked for first and told last: one that is seen was committed with or after its
 * event, so that a reader hears of the event before it.
 */
const lookOrder = topicNames.toReversed();

/** What a stream sends: a row, or that rows were left out. */
export type LiveMessage =
  | { readonly topic: Topic; readonly row: LiveEvent | LiveDelivery }
  | { readonly topic: Topic; readonly row: null };

const kinds = {
  events: { prefix: 'evt', list: listEventsAfter },
  deliveries: { prefix: 'dlv', list: listDeliveriesAfter },
} as const;

/** What one look found. */
export interface Look {
  readonly messages: readonly LiveMessage[];
  /** Why a kind could not be looked at; what is new of it is found by a later look. */
  readonly failures: readonly unknown[];
}

/** Looks for new rows of one tenant. */
export interface LivePoller {
  /**
   * What is new since the last look. The first look finds nothing: it only notes what is there.
   * To be called again when it is done, not before.
   */
  poll(): Promise<Look>;
}

export function makeLivePoller(db: Knex, tenantId: string): LivePoller {
  const windows = new Map<Topic, LiveWindow>();
  return {
    async poll() {
      const messages: LiveMessage[] = [];
      const failures: unknown[] = [];
      for (const topic of lookOrder) {
        try {
          messages.unshift(...(await look(topic)));
        } catch (error) {
          failures.push(error);
        }
      }
      return { messages, failures };
    },
  };

  async function look(topic: Topic): Promise<LiveMessage[]> {
    const { prefix, list } = kinds[topic];
    const earlier = windows.get(topic);
    const window = earlier ?? makeLiveWindow(prefix);
    const fresh = window.take<LiveEvent | LiveDelivery>(await list(db, tenantId, window.next()));
    windows.set(topic, window);
    if (!earlier) return [];
    return fresh ? fresh.map((row) => ({ topic, row })) : [{ topic, row: null }];
  }
}

/**
 * What a stream has missed since a row, oldest first of each kind. The seconds before it are told
 * again: rows of them may have been committed after it.
 *
 * @param lastId - the id of the last row that was received; one that carries no instant missed nothing
 */
export async function readMissed(
  db: Knex,
  tenantId: string,
  { lastId, topics }: { readonly lastId: string; readonly topics: readonly Topic[] },
): Promise<LiveMessage[]> {
  const last = instantOf(lastId);
  if (!last) return [];
  const at = new Date(Math.max(0, last.getTime() - overlapMs));
  const messages: LiveMessage[] = [];
  for (const topic of lookOrder.filter((each) => topics.includes(each))) {
    const { prefix, list } = kinds[topic];
    const after: After = { id: idBound(prefix, at), at, limit: freshMax + 1 };
    const rows: readonly (LiveEvent | LiveDelivery)[] = await list(db, tenantId, after);
    if (rows.length > freshMax) messages.unshift({ topic, row: null });
    else messages.unshift(...rows.map((row) => ({ topic, row })));
  }
  return messages;
}
