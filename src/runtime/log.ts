import { pino, stdSerializers } from 'pino';
import type { Logger, SerializedError } from 'pino';

/** JSON lines, pretty on a terminal. Bodies, secrets and keys are never handed to it. */
export function makeLog(level: string): Logger {
  const options = { level, serializers: { err: serializeError } };
  return process.stdout.isTTY
    ? pino({
        ...options,
        transport: { target: 'pino-pretty', options: { ignore: 'pid,hostname' } },
      })
    : pino(options);
}

/**
 * An error as the log shows it. PostgreSQL repeats values of rows in `detail` and `where`: payloads and
 * secrets may be among them.
 */
export function serializeError(error: Error): Partial<SerializedError> {
  const { detail: _detail, where: _where, ...shown } = stdSerializers.err(error);
  return shown;
}
