import type { Rejection } from '../../src/domain/channel.ts';
import type { Clock } from './channel.ts';
import { rejected } from './request-reader.ts';

/** Refuse what is not Unix seconds in plain digits. `place` is where the sender put it. */
export function refuseSeconds(text: string, place: string): Rejection | undefined {
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
): Rejection | undefined {
  return refuseSkew(skewOf(seconds, clock), toleranceS ?? clock.toleranceS, 'seconds');
}

/** Refuse what is not Unix milliseconds of this age. `place` is where the sender put it. */
export function refuseMilliseconds(text: string, place: string): Rejection | undefined {
  if (/^[1-9][0-9]{12}$/.test(text)) return undefined;
  return rejected('timestamp_malformed', `${place} must be Unix milliseconds in 13 digits`);
}

/**
 * Refuse a time in milliseconds outside the tolerance, which is inclusive.
 *
 * @param milliseconds - well-formed
 */
export function refuseTimeMs(
  milliseconds: string,
  clock: Clock,
  toleranceS: number,
): Rejection | undefined {
  return refuseSkew(skewOfMs(milliseconds, clock), toleranceS, 'milliseconds');
}

function refuseSkew(skewS: number, allowedS: number, unit: string): Rejection | undefined {
  if (Math.abs(skewS) <= allowedS) return undefined;
  const where = skewS > 0 ? 'behind' : 'ahead of';
  return rejected(
    'timestamp_out_of_tolerance',
    `The timestamp is ${Math.abs(skewS)} s ${where} our clock and may be ${allowedS} s: it is to be in ${unit}; see whether both clocks are right, and whether this is a late retry with its first timestamp`,
    { skewS },
  );
}

/** Our clock minus a well-formed timestamp, in whole seconds: positive when the sender is behind. */
export function skewOf(seconds: string, { now }: Pick<Clock, 'now'>): number {
  return Math.floor(now.getTime() / 1000) - Number(seconds);
}

/** The same of a timestamp in milliseconds; still in seconds, with a fraction. */
export function skewOfMs(milliseconds: string, { now }: Pick<Clock, 'now'>): number {
  return (now.getTime() - Number(milliseconds)) / 1000;
}
