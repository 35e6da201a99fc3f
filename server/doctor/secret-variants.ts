import { isStillValid } from '../../src/domain/channel.ts';
import type { IntegrationSecret } from '../../src/domain/channel.ts';
import type { Fault, FindingCode } from './findings.ts';

/** A key that the sender may have used. */
export interface KeyVariant {
  /** The secret it comes from; null where the sender had none. */
  readonly secretId: string | null;
  readonly key: Buffer;
  /** Nothing for a valid secret that is used as the scheme says. */
  readonly faults: readonly Fault[];
}

/** How a scheme uses its secrets. */
export interface KeyUse {
  readonly now: Date;
  /** The kinds that this place takes. */
  readonly kinds: readonly string[];
  /** Whether the key is the part after `whsec_` decoded, or the text. */
  readonly isDecoded: boolean;
}

/** All keys that the secrets of an integration, ended ones too, may have been made into. */
export function keyVariants(secrets: readonly IntegrationSecret[], use: KeyUse): KeyVariant[] {
  const ofSecrets = secrets.flatMap((secret) => {
    const standing = standingOf(secret, use);
    const forms = use.isDecoded ? decodedForms(secret.value) : literalForms(secret.value);
    return forms.map(({ key, fault }) => ({
      secretId: secret.id,
      key,
      faults: fault
        ? [...standing, { code: fault.code, detail: wording(secret, fault) }]
        : standing,
    }));
  });
  return unique([...ofSecrets, ...unsetKeys()]);
}

/** The first variant of each key with the fewest faults; a key equal to another says nothing new. */
function unique(variants: readonly KeyVariant[]): KeyVariant[] {
  const sorted = variants.toSorted((one, other) => one.faults.length - other.faults.length);
  const known = new Map<string, KeyVariant>();
  for (const variant of sorted) {
    const text = variant.key.toString('latin1');
    if (!known.has(text)) known.set(text, variant);
  }
  return [...known.values()];
}

function standingOf({ id, kind, expiresAt }: IntegrationSecret, use: KeyUse): Fault[] {
  const faults: Fault[] = [];
  if (expiresAt !== null && !isStillValid(expiresAt, use.now)) {
    const detail = `The secret "${id}" was used, which ended at ${expiresAt.toISOString()}`;
    faults.push({ code: 'older_secret', detail });
  }
  if (!use.kinds.includes(kind)) {
    const wanted = use.kinds.join(' or ');
    const detail = `The secret "${id}" was used, which is of the kind ${kind}; here belongs ${wanted}`;
    faults.push({ code: 'other_kind', detail });
  }
  return faults;
}

interface FormFault {
  readonly code: FindingCode;
  readonly words: string;
}

interface KeyForm {
  readonly key: Buffer;
  readonly fault?: FormFault;
}

function wording({ id }: IntegrationSecret, { words }: FormFault): string {
  return `The secret "${id}" was used ${words}`;
}

function form(key: string | Buffer, code: FindingCode, words: string): KeyForm {
  return { key: Buffer.from(key), fault: { code, words } };
}

function literalForms(value: string): KeyForm[] {
  const bare = value.replace(/^whsec_/, '');
  return [
    { key: Buffer.from(value) },
    ...blankForms(value),
    ...decodings(value).map(([key, words]) => form(key, 'secret_decoded', words)),
    ...(bare === value ? [] : [form(bare, 'secret_decoded', 'without "whsec_", not decoded')]),
    form(Buffer.from(value).toString('base64'), 'secret_encoded', 'encoded in base64'),
    form(Buffer.from(value).toString('hex'), 'secret_encoded', 'encoded in hex'),
    ...caseForms(value),
    ...escapedForms(value),
  ];
}

function decodedForms(value: string): KeyForm[] {
  const bare = value.replace(/^whsec_/, '');
  return [
    { key: Buffer.from(bare, 'base64') },
    form(value, 'secret_literal', 'as text, with its "whsec_" if it has one'),
    form(bare, 'secret_literal', 'as text, without "whsec_"'),
    form(Buffer.from(value, 'base64'), 'secret_decoded', 'decoded together with "whsec_"'),
    form(`${value}\n`, 'secret_literal', 'as text, with a newline at its end'),
    ...(isHex(bare) ? [form(Buffer.from(bare, 'hex'), 'secret_decoded', 'decoded from hex')] : []),
  ];
}

function blankForms(value: string): KeyForm[] {
  const make = (text: string, words: string): KeyForm => form(text, 'secret_blanks', words);
  return [
    make(`${value}\n`, 'with a newline (LF) at its end'),
    make(`${value}\r\n`, 'with a newline (CRLF) at its end'),
    make(`${value}\r`, 'with a carriage return at its end'),
    make(`${value} `, 'with a blank at its end'),
    make(` ${value}`, 'with a blank in front'),
    make(` ${value} `, 'with blanks around it'),
    make(`"${value}"`, 'in double quotes'),
    make(`'${value}'`, 'in single quotes'),
    make(value.trim(), 'without the blanks around it that this integration holds'),
  ];
}

function decodings(value: string): (readonly [key: Buffer, words: string])[] {
  const bare = value.replace(/^whsec_/, '');
  const isStandard = /^[A-Za-z0-9+/_-]{8,}={0,2}$/.test(bare);
  return [
    ...(isStandard ? [[Buffer.from(bare, 'base64'), 'decoded from base64'] as const] : []),
    ...(isHex(bare) ? [[Buffer.from(bare, 'hex'), 'decoded from hex'] as const] : []),
  ];
}

function isHex(text: string): boolean {
  return /^(?:[0-9a-f]{2}){4,}$/i.test(text);
}

function caseForms(value: string): KeyForm[] {
  return [
    form(value.toLowerCase(), 'secret_case', 'in small letters'),
    form(value.toUpperCase(), 'secret_case', 'in capital letters'),
  ];
}

function escapedForms(value: string): KeyForm[] {
  return [
    form(encodeURIComponent(value), 'url_encoded', 'percent-encoded'),
    form(value.replaceAll('+', ' '), 'url_encoded', 'with blanks in place of "+"'),
    ...decodedAddress(value).map((text) => form(text, 'url_encoded', 'percent-decoded')),
  ];
}

function decodedAddress(value: string): string[] {
  try {
    return [decodeURIComponent(value)];
  } catch {
    return []; // A "%" of its own: nothing was encoded.
  }
}

/** What languages make of a variable that is not set. */
function unsetKeys(): KeyVariant[] {
  return ['', 'undefined', 'null', 'None'].map((text) => {
    const detail = text === '' ? 'The key was empty' : `The key was the word "${text}"`;
    return { secretId: null, key: Buffer.from(text), faults: [{ code: 'secret_not_set', detail }] };
  });
}
