/** `application/json`, `application/vnd.x+json`; parameters and case do not matter. */
export function isJsonType(contentType: string | null): boolean {
  return /^application\/([^;\s]+\+)?json\s*(;|$)/i.test(contentType ?? '');
}

/** A form, as GitHub and Gitee may send one. */
export function isFormType(contentType: string | null): boolean {
  return /^application\/x-www-form-urlencoded\s*(;|$)/i.test(contentType ?? '');
}

/** The same bytes, not copied, as Node's own type. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The text of UTF-8 bytes without a leading BOM, or `undefined` when they are something else. */
export function decodeText(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** The bytes of each field of that name in a form. URLSearchParams would repair what is not UTF-8. */
export function formFields(body: Uint8Array, name: string): Buffer[] {
  return asBuffer(body)
    .toString('latin1')
    .split('&')
    .map((field) => /^([^=]*)=?([^]*)$/.exec(field) ?? [])
    .filter(([, key = '']) => formDecode(key).toString('latin1') === name)
    .map(([, , value = '']) => formDecode(value));
}

/** A blank for each `+`, then percent-decoding; a `%` without two hex digits stands for itself. */
function formDecode(latin1: string): Buffer {
  const decoded = latin1
    .replaceAll('+', ' ')
    .replaceAll(/%([0-9a-fA-F]{2})/g, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    );
  return Buffer.from(decoded, 'latin1');
}

/**
 * What triggers see of a stored body: parsed where it was declared JSON, or a form with JSON in its
 * field `payload`; else text, or null when it is no text.
 */
export function payloadOf(body: Uint8Array, contentType: string | null): unknown {
  const [field] = isFormType(contentType) ? formFields(body, 'payload') : [];
  const text = decodeText(field ?? body);
  if (text === undefined) return null;
  if (field === undefined && !isJsonType(contentType)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text; // An empty body that was declared JSON.
  }
}
