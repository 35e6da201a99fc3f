import { pino } from 'pino';
import type { Logger } from 'pino';

/** JSON lines, pretty on a terminal. Bodies, secrets and keys are never handed to it. */
export function makeLog(level: string): Logger {
  return process.stdout.isTTY
    ? pino({ level, transport: { target: 'pino-pretty', options: { ignore: 'pid,hostname' } } })
    : pino({ level });
}
