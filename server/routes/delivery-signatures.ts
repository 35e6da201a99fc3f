/** Larger bodies are not written into a command line: it would be no command that a person reads. */
const inlineMaxBytes = 65_536;

/** What each signature header of a delivery signs, and with which key. */
export function signedParts(id: string, timestamp: string) {
  return [
    {
      header: 'webhook-signature',
      scheme: 'standard-webhooks',
      algorithm: 'HMAC-SHA256, base64 behind "v1,"',
      base_string_prefix: `${id}.${timestamp}.`,
      key_hint: 'The bytes that the base64 behind "whsec_" stands for',
    },
    {
      header: 'x-webhook-signature',
      scheme: 'platform',
      algorithm: 'HMAC-SHA256, hex behind "v1="',
      base_string_prefix: `${timestamp}.`,
      key_hint: 'The secret as it is written, "whsec_" included',
    },
  ];
}

/**
 * Commands for a shell with openssl that print both signature headers; the secret is read from the
 * variable `SECRET`. A large body is read from the file `body.json`.
 */
export function verifyShell({
  id,
  timestamp,
  body,
}: {
  readonly id: string;
  readonly timestamp: string;
  readonly body: Buffer;
}): string {
  const isInline = body.length <= inlineMaxBytes;
  const printBody = isInline
    ? `printf %s '${body.toString('base64')}' | openssl base64 -d -A`
    : 'cat body.json';
  return [
    `body() { ${printBody}; }`,
    `key=$(printf %s "\${SECRET#whsec_}" | openssl base64 -d -A | od -An -v -tx1 | tr -d ' \\n')`,
    `standard=$({ printf %s '${id}.${timestamp}.'; body; } | openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" -binary | openssl base64 -A)`,
    `platform=$({ printf %s '${timestamp}.'; body; } | openssl dgst -sha256 -hmac "$SECRET" -r | cut -d ' ' -f 1)`,
    `printf 'webhook-signature: v1,%s\\nx-webhook-signature: v1=%s\\n' "$standard" "$platform"`,
  ].join('\n');
}
