import type { Clock, Rejected } from './channel.ts';
import { rejected } from './request-reader.ts';

/** Refuse what is not Unix seconds in plain digits. `place` is where the sender put it. */
export function refuseSeconds(text: string, place: string): Rejected | undefined {
  if (/^(?:0|[1-9][0-9]{0,14})$/.test(text)) return undefined;
  return rejected('timestamp_malformed', `${place} must be Unix seconds in digits`);
}

/**
 * Refuse a time outside the tolerance, which is inclusive.
 *
 * @param seconds - well-formed
 * @param toleranceS - the integration's own, or null
 */
export function refuseTime(
  seconds: string,
  clock: Clock,
  toleranceS: number | null,
): Rejected | undefined {
  const allowedS = toleranceS ?? clock.toleranceS;
  const ageS = Math.floor(clock.now.getTime() / 1000) - Number(seconds);
  if (Math.abs(ageS) <= allowedS) return undefined;
  const where = ageS > 0 ? 'behind' : 'ahead of';
  return rejected(
    'timestamp_out_of_tolerance',
    `The timestamp is ${Math.abs(ageS)} s ${where} our clock and may be ${allowedS} s: it is in seconds, and made anew for each try`,
  );
}
