/** What the doctor can find: one line per code, with what to do about it (docs/signature-doctor.md). */
export const findingCodes = {
  verifies: ['The request verifies', 'Nothing: it would be accepted as it is.'],
  refused_otherwise: [
    'The signature is right, the request is refused for another reason',
    'Change what the detail names; leave secret and signature as they are.',
  ],
  method: ['The method is not taken', 'Send it as POST.'],
  signature_missing: [
    'There is no signature in any known place',
    'Set the secret on the side of the sender, and have proxies hand its headers on.',
  ],
  header_empty: [
    'The signature is there, but empty',
    'Find out why the sender has nothing to put there: most often its secret is not set.',
  ],
  header_twice: [
    'Something that may be sent once came twice',
    'Find who adds the second one (a proxy, a default of the HTTP client) and remove it.',
  ],
  wrong_header: [
    'The signature came under another name',
    'Send it under the name that this integration reads, or change the mode of the integration.',
  ],
  signature_in_query: [
    'The signature came in the query of the address',
    'Send it as a header: addresses end up in logs.',
  ],
  label: [
    'The label in front of the signature is another one',
    'Write the label exactly as documented, in this case of letters.',
  ],
  encoding_hex: ['The signature is in hex', 'Encode the digest in base64 in place of hex.'],
  encoding_base64: ['The signature is in base64', 'Encode the digest in hex in place of base64.'],
  encoding_base64url: [
    'The signature is in the URL alphabet of base64, or lacks its padding',
    'Use the encoding that this scheme asks for: hex, or base64 with "+", "/" and "=".',
  ],
  encoding_twice: [
    'The signature is encoded twice',
    'Encode the bytes of the digest, not its hex text.',
  ],
  signature_cut_short: [
    'The signature is cut short',
    'Send the whole of it; look at the width of the column or field it goes through.',
  ],
  other_algorithm: [
    'The signature is made with another hash',
    'Sign with the hash that this scheme asks for.',
  ],
  body_reserialised: [
    'The body was written anew on its way',
    'Hand the body on as bytes: whatever parses JSON and writes it again (a proxy, a middleware) breaks the signature. Or sign the text that is sent.',
  ],
  trailing_newline: [
    'Blanks or a newline at the ends of the body were added or lost',
    'Sign exactly the bytes that are sent; with curl use --data-binary, with echo use printf.',
  ],
  line_endings: [
    'The line ends of the body were changed',
    'Send the body as bytes, not as text; with curl use --data-binary.',
  ],
  byte_order_mark: [
    'A byte order mark was added to the body or lost',
    'Write the body as UTF-8 without a byte order mark before it is signed.',
  ],
  charset: ['The body was signed in another charset', 'Sign the UTF-8 bytes that are sent.'],
  form_field_signed: [
    'The JSON inside the form was signed',
    'Sign the form as it is sent, encoded: "payload=…".',
  ],
  empty_body_signed: [
    'An empty body was signed',
    'Sign after the body is complete: at that moment it was not there yet, or had been read already.',
  ],
  older_secret: [
    'An older secret was used, which has ended',
    'Give the sender the secret that is valid now; where both must work, rotate with an overlap.',
  ],
  other_kind: [
    'A secret of another kind was used',
    'Put each secret where it belongs: the kinds are named as on the page of the provider.',
  ],
  secret_blanks: [
    'The secret was used with blanks, a newline or quotes around it',
    'Trim the secret where it is read: a file or `echo` ends in a newline, an .env file may keep quotes.',
  ],
  secret_decoded: [
    'The secret was decoded before it was used',
    'Use the text of the secret as the key, as UTF-8, whatever it looks like.',
  ],
  secret_literal: [
    'The text of the secret was used as the key',
    'Decode the part after "whsec_" from base64: these bytes are the key.',
  ],
  secret_encoded: [
    'The secret was encoded before it was used',
    'Use the secret as it was shown, without base64 or hex around it.',
  ],
  secret_case: [
    'The secret was used with other cases of letters',
    'Use the secret exactly as it was shown.',
  ],
  secret_not_set: [
    'The sender signed without a secret',
    'Set the secret on the side of the sender: the variable it is read from is empty.',
  ],
  url_encoded: [
    'A value is percent-encoded or decoded once too often',
    'Encode it exactly once in an address, and not at all in a header; "+" is no blank there.',
  ],
  secret_sent: [
    'The secret itself was sent where a signature belongs',
    'Sign with the secret, do not send it; and replace it now, for it has been on the wire.',
  ],
  timestamp_missing: [
    'There is no timestamp',
    'Send the time of signing; a signature without it is not accepted.',
  ],
  timestamp_header: [
    'The timestamp came under another name',
    'Send it under the name that this integration reads.',
  ],
  timestamp_format: [
    'The timestamp is no Unix time in digits',
    'Send Unix time in plain digits: no ISO 8601, sign or decimals.',
  ],
  timestamp_milliseconds: [
    'The timestamp is in milliseconds',
    'Use seconds, in the header and in what is signed.',
  ],
  timestamp_seconds: [
    'The timestamp is in seconds',
    'Use milliseconds, in the header and in what is signed.',
  ],
  timestamp_signed_otherwise: [
    'Another form of the timestamp was signed than was sent',
    'Make the text of the timestamp once, and use it for both the header and the signature.',
  ],
  clock_behind: [
    'The timestamp is too old',
    'Set the clock of the sender by NTP; or, if it tries again later, stamp and sign each try anew. A request that was kept or recorded is old by itself.',
  ],
  clock_ahead: [
    'The timestamp lies in the future',
    'Set the clocks of the sender and of this server by NTP.',
  ],
  body_alone: [
    'The body alone was signed',
    'Sign the timestamp and a dot in front of the body: "timestamp.body".',
  ],
  dot_missing: [
    'Timestamp and body were joined in another way',
    'Join them with one dot: "timestamp.body".',
  ],
  id_not_signed: [
    'The id is missing from what was signed',
    'Sign "id.timestamp.body", the id as in the header webhook-id.',
  ],
  standard_webhooks: [
    'The request is signed as Standard Webhooks say',
    'Sign "timestamp.body" and send X-Webhook-Timestamp and X-Webhook-Signature: v1=<hex>.',
  ],
  not_hmac: [
    'The signature is a bare hash, no HMAC',
    'Use HMAC with the secret as the key; do not put secret and body together.',
  ],
  other_scheme: [
    'The request is signed by the scheme of another mode or channel',
    'Change mode and scheme of the integration to what the sender does, or send to the address of that channel.',
  ],
  other_user: [
    'The password is right, the user is another one',
    'Use the user name of this integration.',
  ],
  part_missing: [
    'A part that is signed was not sent',
    'Send the part that the detail names; look whether a proxy drops it.',
  ],
  not_encrypted: [
    'The body is not encrypted although a key is held',
    'Set the key of this integration in the settings of the provider.',
  ],
  encrypt_key_missing: [
    'The body is encrypted and no key is held',
    'Add the key of the provider to this integration.',
  ],
  decrypt_failed: [
    'No key of this integration opens the body',
    'Copy the key from the settings of the provider once more, whole.',
  ],
  receive_id: [
    'The message is meant for another receiver',
    'Set the receive id to the CorpID of the own app, the SuiteID of a third-party app, or empty for a bot.',
  ],
  nothing_matched: [
    'No secret of this integration makes this signature',
    'Most likely the sender has another secret, or the content of the body was changed on its way: set the secret anew on both sides, then compare the bytes that are sent with those that arrive.',
  ],
} as const satisfies Readonly<Record<string, readonly [title: string, whatToDo: string]>>;

export type FindingCode = keyof typeof findingCodes;

/** Something that differs, before it is told how sure that is. */
export interface Fault {
  readonly code: FindingCode;
  /** Tells names, numbers and ids; no secret, signature or body. */
  readonly detail: string;
}

/** Something that differs, as it is answered. */
export interface Finding {
  readonly code: FindingCode;
  readonly title: string;
  readonly detail: string;
  readonly what_to_do: string;
  /** `certain` only when a digest (or a token) matched with exactly this difference. */
  readonly confidence: 'certain' | 'likely';
}

/** Word a fault for a person. */
export function toFinding({ code, detail }: Fault, confidence: Finding['confidence']): Finding {
  const [title, what_to_do] = findingCodes[code];
  const sentence = detail.charAt(0).toUpperCase() + detail.slice(1);
  return { code, title, detail: sentence, what_to_do, confidence };
}
