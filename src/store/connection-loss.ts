/** Classes and codes of PostgreSQL and of sockets that mean: away, not wrong. */
const away = /^(08|57P|53|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN)/;

/**
 * Whether an error says that PostgreSQL is away or too busy: the same call may succeed later.
 */
export function isConnectionLoss(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ('code' in error && away.test(String(error.code))) return true;
  if (error instanceof AggregateError) return error.errors.every(isConnectionLoss);
  return (
    error.name === 'KnexTimeoutError' ||
    /Connection terminated|timeout exceeded when trying to connect/i.test(error.message)
  );
}
