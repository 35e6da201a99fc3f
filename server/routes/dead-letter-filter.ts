import { z } from 'zod';
import type { DeadLetterFilter, DeadLetterPlace } from '../../src/store/dead-letters.ts';
import { invalid } from '../route.ts';
import { idSchema, moment } from './answers.ts';
import { cursorOwner, cursorText, readCursorText, writeCursorText } from './filter-cursor.ts';
import { deadLetterKindSchema, deadLetterStateSchema } from './dead-letter-answer.ts';

/** Text that a column can hold, also within JSON: no U+0000, no half of a surrogate pair. */
export function wordsOf(max: number) {
  return z
    .string()
    .min(1)
    .max(max)
    .refine(
      (text) => !/\0|\p{Surrogate}/u.test(text),
      'Must be text without U+0000 and halves of surrogate pairs',
    );
}

/** A reason is what a failure said, and may be long. */
const words = wordsOf(2000);

/** The filters of dead letters, the same wherever dead letters are named by one. */
export const deadLetterFilterFields = {
  state: deadLetterStateSchema.optional(),
  kind: deadLetterKindSchema.optional(),
  endpoint_id: idSchema.optional(),
  trigger: words.optional(),
  reason: words.optional(),
  event_type: words.optional(),
  from: moment.optional().meta({ description: 'Died at this instant or later' }),
  to: moment.optional().meta({ description: 'Died before this instant' }),
  text: idSchema
    .optional()
    .meta({ description: 'Part of the id of the dead letter or of its event' }),
};

/** A filter in a request. */
export type FilterQuery = {
  [K in keyof typeof deadLetterFilterFields]?: string | undefined;
} & Pick<DeadLetterFilter, 'state' | 'kind'>;

export function toDeadLetterFilter({
  endpoint_id: endpointId,
  event_type: eventType,
  from,
  to,
  ...same
}: FilterQuery): DeadLetterFilter {
  return {
    ...same,
    endpointId,
    eventType,
    from: from === undefined ? undefined : new Date(from),
    to: to === undefined ? undefined : new Date(to),
  };
}

/** Which list a cursor belongs to: one of the list must not be taken for one of a bulk. */
type CursorOf = 'list' | 'bulk';

export interface DeadLetterCursor extends DeadLetterPlace {
  /** Only of a bulk: what died later is not touched. */
  readonly until?: string | undefined;
}

const exact = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);

const cursorSchema = z.strictObject({
  of: z.string(),
  id: idSchema,
  died_at_exact: exact,
  until: exact.optional(),
});

export const deadLetterCursorText = cursorText.meta({
  description: 'The `next_cursor` of the page before, with the same filter',
});

/** What a client gets to go on from a place: it fits this filter only. */
export function writeCursor(
  of: CursorOf,
  filter: DeadLetterFilter,
  { id, died_at_exact, until }: DeadLetterCursor,
): string {
  const value = { of: cursorOwner(of, filter), id, died_at_exact, until };
  return writeCursorText(value);
}

/**
 * The place that a cursor of ours names.
 *
 * @throws Problem `invalid-request` for anything else, and for a cursor of another filter
 */
export function readCursor(
  of: CursorOf,
  filter: DeadLetterFilter,
  text: string | undefined,
): DeadLetterCursor | undefined {
  if (text === undefined) return undefined;
  const pointer = of === 'list' ? '?cursor' : '/cursor';
  const parsed = cursorSchema.safeParse(readCursorText(text));
  if (!parsed.success || !isInstant(parsed.data)) {
    throw invalid([{ pointer, detail: 'Must be the `next_cursor` of an answer' }]);
  }
  if (parsed.data.of !== cursorOwner(of, filter)) {
    throw invalid([{ pointer, detail: 'Belongs to another filter: leave it out to begin anew' }]);
  }
  return parsed.data;
}

/** The pattern lets a thirteenth month pass, and PostgreSQL doesn't. */
function isInstant({ died_at_exact, until = died_at_exact }: DeadLetterCursor): boolean {
  return [died_at_exact, until].every((text) => moment.safeParse(text).success);
}
