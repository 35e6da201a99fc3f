import { z } from 'zod';
import { idPattern } from '../../src/domain/id.ts';
import { Problem } from '../../src/domain/problem.ts';
import type { Page } from '../../src/store/page.ts';

/** An id in a query or a body. */
export const idSchema = z.string().regex(idPattern, 'Must be an id');

/** The page that a list is asked for: `?limit=50&cursor=…`. */
export const pageQuery = {
  limit: z.coerce
    .number('Must be a number')
    .int('Must be a whole number')
    .min(1, 'Must be 1 to 200')
    .max(200, 'Must be 1 to 200')
    .default(50),
  cursor: idSchema.optional().meta({ description: 'The `next_cursor` of the page before' }),
};

/** An instant in an answer: RFC 3339, UTC. */
export const instant = z.iso.datetime();

/** Years that both JavaScript and PostgreSQL write in the same way. */
const yearsKnown = { from: 0, to: Date.UTC(3000, 0) };

/** An instant in a request. */
export const moment = z.iso
  .datetime({
    offset: true,
    error: 'Must be an RFC 3339 instant: 2026-01-31T12:00:00Z',
    abort: true, // Else the year is missed too.
  })
  .refine((text) => {
    const at = Date.parse(text);
    return at >= yearsKnown.from && at < yearsKnown.to;
  }, 'Must be between the years 1970 and 2999');

/** The number of a cycle or of an attempt in a query; as large as a column holds. */
export const ordinal = z.coerce
  .number('Must be a number')
  .int('Must be a whole number')
  .min(1, 'Must be at least 1')
  .max(2_147_483_647, 'Must be at most 2147483647')
  .optional();

/** What a list of `item` answers. */
export function pageOf<T extends z.ZodType>(
  item: T,
): z.ZodObject<{ data: z.ZodArray<T>; next_cursor: z.ZodNullable<z.ZodString> }> {
  return z.object({ data: z.array(item), next_cursor: z.string().nullable() });
}

/**
 * One page of a list, newest first. Reads one row more than it answers, to know whether more follow.
 *
 * @param list - reads the rows of a page
 */
export async function toPage<R extends { readonly id: string }, A>(
  { limit, cursor }: Page,
  list: (page: Page) => Promise<readonly R[]>,
  toAnswer: (row: R) => A,
): Promise<{ data: A[]; next_cursor: string | null }> {
  const rows = await list({ limit: limit + 1, cursor });
  const shown = rows.slice(0, limit);
  const next = rows.length > limit ? shown.at(-1)?.id : undefined;
  return { data: shown.map(toAnswer), next_cursor: next ?? null };
}

/**
 * The row, when there is one.
 *
 * @throws Problem `not-found`, the same for another tenant's row as for none
 */
export function found<R>(row: R | undefined, what: string, id: string): R {
  if (row === undefined) throw new Problem('not-found', `No ${what} has the id "${id}"`);
  return row;
}
