import type { Answers } from '../../../src/client/index.ts';

type RejectionReason = Answers['RejectedRequest']['reason'];

/** Why a request was refused, as a sentence. */
const words: Readonly<Record<RejectionReason, string>> = {
  parameter_missing: 'A part that the signature needs did not come',
  duplicate_parameter: 'Something that may come once came twice',
  signature_missing: 'It has no signature',
  signature_malformed: 'Its signature has another form',
  signature_mismatch: 'Its signature does not match',
  timestamp_missing: 'It says no time',
  timestamp_malformed: 'Its time has another form',
  timestamp_out_of_tolerance: 'Its time is too far from our clock',
  token_missing: 'It has no token or password',
  token_mismatch: 'Its token or password is another one',
  encryption_required: 'It is not encrypted, though a key is held here',
  encrypt_key_missing: 'It is encrypted, and no key is held here',
  decrypt_failed: 'No key here opens it',
  receive_id_mismatch: 'It is meant for another receiver',
  unsupported_content_type: 'Its content type is another one',
  unsupported_content_encoding: 'It is compressed',
  malformed_body: 'Its body is not what the provider sends',
  event_type_missing: 'It says no event type',
};

export function reasonWords(reason: RejectionReason): string {
  return words[reason];
}

/** The reasons as the options of a select. */
export const reasonOptions = Object.entries(words).map(([value, label]) => ({ value, label }));

/**
 * The difference of the clocks in words.
 *
 * @param seconds - our clock minus the sender's timestamp
 * @param shown - its size in words, as `5 min 3 s`
 */
export function clockWords(seconds: number, shown: string): string {
  if (Math.abs(seconds) < 1) return 'none';
  return seconds > 0 ? `${shown} behind ours` : `${shown} ahead of ours`;
}
