/**
 * How long until the API is asked again. What does not exist is not asked for again: an id that was nobody's stays so.
 *
 * @param error - of the last answer
 * @returns false: not again
 */
export function nextReadMs(
  everyMs: number | false,
  error: { readonly status: number } | null,
): number | false {
  return error?.status === 404 ? false : everyMs;
}
