import type { Knex } from 'knex';
import { makeTurns } from '../../activities/attempt-turn.ts';
import type { Turns } from '../../activities/attempt-turn.ts';
import type { DeliveryLines } from '../../src/runtime/delivery-lines.ts';

/** What attempts need to keep to order and limits, where nothing is started or told by it. */
export function turnParts(db: Knex): { readonly lines: DeliveryLines; readonly turns: Turns } {
  return {
    lines: { leave: async () => undefined },
    turns: makeTurns({ db, timeoutMs: 2000, poke: async () => undefined }),
  };
}
