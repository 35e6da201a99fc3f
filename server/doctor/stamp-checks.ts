import type { Rejection } from '../../src/domain/channel.ts';
import type { Fault } from './findings.ts';
import { stampValues } from './recipes.ts';
import type { Patient } from './patient.ts';
import { isSamePlace, nameOf } from './signature-forms.ts';
import type { SignatureForm } from './signature-forms.ts';

/** What is wrong with the time that was sent, as the channel itself says. */
export function stampFaults(patient: Patient): Fault[] {
  const { own, rejection, later, match } = patient;
  // Another scheme has its own time: that one is to be changed first.
  if (match?.faults.some(({ code }) => otherWays.includes(code)) === true) return [];
  const refusal = [rejection, later].find((one) => one?.reason.startsWith('timestamp_') === true);
  return own.stamp && refusal ? [stampFault(patient, own.stamp, refusal)] : [];
}

function stampFault(
  patient: Patient,
  { place, unit }: NonNullable<SignatureForm['stamp']>,
  refusal: Rejection,
): Fault {
  const sent = stampValues(patient.request).find((value) => isSamePlace(value.place, place));
  if (!sent) return absent(patient);
  const isSeconds = unit === 's';
  if ((isSeconds ? /^\d{12,14}$/ : /^\d{9,10}$/).test(sent.text)) {
    const detail = `${nameOf(place)} holds ${sent.text.length} digits`;
    return { code: isSeconds ? 'timestamp_milliseconds' : 'timestamp_seconds', detail };
  }
  if (refusal.reason === 'timestamp_out_of_tolerance') return offBy(refusal);
  const wanted = isSeconds ? 'Unix seconds' : 'Unix milliseconds, 13 digits';
  const detail = `${nameOf(place)} must hold ${wanted}, and nothing else`;
  return { code: 'timestamp_format', detail };
}

const otherWays: readonly Fault['code'][] = ['other_scheme', 'standard_webhooks', 'secret_sent'];

function absent({ own, request }: Patient): Fault {
  const wanted = own.stamp ? nameOf(own.stamp.place) : 'the request';
  const [elsewhere] = stampValues(request);
  return elsewhere
    ? {
        code: 'timestamp_header',
        detail: `The timestamp came in ${nameOf(elsewhere.place)}; it is read from ${wanted}`,
      }
    : { code: 'timestamp_missing', detail: `Nothing came in ${wanted}` };
}

function offBy({ evidence, detail }: Rejection): Fault {
  const skewS = Math.round(evidence?.skewS ?? 0);
  const size = `${Math.abs(skewS)} s (${spanOf(Math.abs(skewS))})`;
  if (skewS > 0) {
    const told = `The timestamp is ${size} before the arrival. ${detail}`;
    return { code: 'clock_behind', detail: told };
  }
  return { code: 'clock_ahead', detail: `The timestamp is ${size} after the arrival. ${detail}` };
}

/** A whole number of hours is most often a time zone that was taken for UTC. */
function spanOf(seconds: number): string {
  const hours = seconds / 3600;
  if (Math.abs(hours - Math.round(hours)) < 0.02 && hours >= 1 && hours <= 14) {
    return `${Math.round(hours)} h: a time zone taken for UTC?`;
  }
  if (seconds >= 172_800) return `${Math.round(seconds / 86_400)} days`;
  return seconds >= 7200 ? `${Math.round(hours)} h` : `${Math.round(seconds / 60)} min`;
}
