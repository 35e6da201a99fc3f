import type { Knex } from 'knex';
import type { Logger } from 'pino';
import { advanceIdleLines, advanceLine } from '../store/delivery-lines.ts';
import type { DeliveryLine } from '../store/delivery-lines.ts';
import type { DeliveryRow } from '../store/delivery-tables.ts';
import type { Starter } from './starter.ts';

/** How many lines one look of the sweeper takes; the next look goes on from there. */
const linesPerLook = 500;

export interface LineParts {
  readonly db: Knex;
  readonly starter: Pick<Starter, 'start'>;
  readonly log: Logger;
}

/** What goes one after another. */
export interface DeliveryLines {
  /**
   * Let the next of its key go, after a delivery has ended and that is committed. Does not fail: what
   * it can't do, the sweeper does.
   */
  leave(ended: Pick<DeliveryRow, 'endpoint_id' | 'order_key'>): Promise<void>;
}

export function makeDeliveryLines({ db, starter, log }: LineParts): DeliveryLines {
  return {
    async leave({ endpoint_id, order_key }) {
      if (order_key === null) return;
      try {
        const next = await advanceLine(db, { endpoint_id, order_key });
        if (next) void starter.start({ deliveries: [next] });
      } catch (error) {
        log.warn({ err: error }, 'Could not let the next delivery of a key go; the sweeper will');
      }
    },
  };
}

/** Looks at all lines by and by: see `advanceIdleLines`. */
export function makeLineSweep({ db, starter }: Omit<LineParts, 'log'>): () => Promise<void> {
  let after: DeliveryLine | null = null;
  return async () => {
    for (;;) {
      const { rows, last } = await advanceIdleLines(db, { after, limit: linesPerLook });
      after = last;
      const isStarted = await starter.start({ deliveries: rows });
      if (last === null || rows.length === 0 || !isStarted) return;
    }
  };
}
