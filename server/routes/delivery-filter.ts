import { z } from 'zod';
import { idTextPattern } from '../../src/store/deliveries.ts';
import type { DeliveryFilter } from '../../src/store/deliveries.ts';
import { invalid } from '../route.ts';
import { idSchema, moment } from './answers.ts';
import { cursorOwner, cursorText, readCursorText, writeCursorText } from './filter-cursor.ts';
import { wordsOf } from './dead-letter-filter.ts';
import { deliveryStateSchema } from './delivery-answer.ts';

/** The filters of deliveries, the same wherever deliveries are named by one. */
export const deliveryFilterFields = {
  event_id: idSchema.optional(),
  endpoint_id: idSchema.optional(),
  state: deliveryStateSchema.optional(),
  event_type: wordsOf(200).optional(),
  from: moment.optional().meta({ description: 'Made at or after this' }),
  to: moment.optional().meta({ description: 'Made before this' }),
  text: z
    .string()
    .regex(idTextPattern, 'Must begin the id of a delivery or an event: at least 4 digits of it')
    .optional()
    .meta({ description: 'A delivery or event id, or its beginning: at least 4 digits' }),
};

/** A filter in a request. */
export type DeliveryFilterQuery = {
  [K in keyof typeof deliveryFilterFields]?: string | undefined;
} & Pick<DeliveryFilter, 'state'>;

export function toDeliveryFilter(query: DeliveryFilterQuery): DeliveryFilter {
  return {
    eventId: query.event_id,
    endpointId: query.endpoint_id,
    state: query.state,
    eventType: query.event_type,
    from: query.from === undefined ? undefined : new Date(query.from),
    to: query.to === undefined ? undefined : new Date(query.to),
    text: query.text,
  };
}

/** Where a bulk goes on: after which delivery, and which are too new to be of it. */
export interface DeliveryCursor {
  readonly after: string;
  readonly until: Date;
}

const cursorSchema = z.strictObject({ of: z.string(), after: idSchema, until: moment });

export const deliveryCursorText = cursorText.meta({
  description: 'The `next_cursor` of the call before, with the same filter',
});

/** What a client gets to go on: it fits this move and filter only. */
export function writeDeliveryCursor(
  move: string,
  filter: DeliveryFilter,
  { after, until }: DeliveryCursor,
): string {
  const value = { of: cursorOwner(move, filter), after, until: until.toISOString() };
  return writeCursorText(value);
}

/**
 * The place that a cursor of ours names.
 *
 * @throws Problem `invalid-request` for anything else, and for a cursor of another move or filter
 */
export function readDeliveryCursor(
  move: string,
  filter: DeliveryFilter,
  text: string | undefined,
): DeliveryCursor | undefined {
  if (text === undefined) return undefined;
  const parsed = cursorSchema.safeParse(readCursorText(text));
  if (!parsed.success) {
    throw invalid([{ pointer: '/cursor', detail: 'Must be the `next_cursor` of an answer' }]);
  }
  const { of, after, until } = parsed.data;
  if (of !== cursorOwner(move, filter)) {
    const detail = 'Belongs to another filter: leave it out to begin anew';
    throw invalid([{ pointer: '/cursor', detail }]);
  }
  return { after, until: new Date(until) };
}
