import type { RejectedRequestRow } from '../src/store/tables.ts';

/** What an operator does about a rejection; what the sender must change is in its `detail`. */
export const adviceOnRejection: Readonly<Record<RejectedRequestRow['reason'], string>> = {
  parameter_missing:
    'Check that no proxy drops headers or the query, and that it is the provider who sends',
  duplicate_parameter: 'Look for a proxy that adds the header or parameter once more',
  signature_missing:
    'Set the secret at the provider; check that the integration has the mode and scheme that the provider uses, and that no proxy drops the header',
  signature_malformed: 'Check that the integration has the mode and scheme that the provider uses',
  signature_mismatch:
    'Ask the signature doctor: mostly the secret differs, or a proxy rewrote the body. Once the secret is right here, release the request',
  timestamp_missing: 'Check that no proxy drops headers, and that the scheme is the right one',
  timestamp_malformed: 'Have the sender write the unit that the scheme wants',
  timestamp_out_of_tolerance:
    'Compare the clocks (NTP), or raise the tolerance of the integration. A delay on the way is healed by releasing the request without the time window',
  token_missing: 'Set the token at the provider; check the scheme of the integration',
  token_mismatch:
    'Compare the token at the provider with the one of the integration, blanks included. Once it is right here, release the request',
  encryption_required:
    'Turn encryption on at the provider, or make a new integration without an encrypt_key',
  encrypt_key_missing:
    "Add the provider's Encrypt Key to the integration, then release the request",
  decrypt_failed: "Compare the provider's encryption key with the one of the integration",
  receive_id_mismatch:
    'Set the receive id of the integration to the id of the corp, suite or bot that sends; then release the request',
  unsupported_content_type: 'Set the content type to JSON at the provider',
  unsupported_content_encoding: 'Turn off compression of requests at the sender or its proxy',
  malformed_body: 'Look at the body: it is not what the provider sends',
  event_type_missing: 'Look at headers and body: it is not what the provider sends',
};
