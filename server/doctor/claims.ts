import type { RawRequest } from '../../src/domain/channel.ts';
import { itemsOf, percentDecode } from '../../src/runtime/body.ts';
import { isRejected, listHeader } from '../channels/request-reader.ts';
import { readEncrypt } from '../channels/wecom-message.ts';
import type { Place } from './signature-forms.ts';

export type ClaimEncoding = 'hex' | 'base64' | 'base64url' | 'twice' | 'text';

/** Something in the request that may be its signature, read in one of the ways it can be read. */
export interface Claim {
  readonly place: Place;
  /** In front of the digest: `sha256=`. */
  readonly label: string;
  readonly encoding: ClaimEncoding;
  readonly bytes: Buffer;
  /** Percent-encoded as it came. */
  readonly isEscaped: boolean;
  /** The password of `user:password`. */
  readonly isPassword: boolean;
}

/** A value and where it stands; one character per byte. */
export interface Placed {
  readonly place: Place;
  readonly text: string;
}

/** More than any honest request has; each costs a comparison per digest. */
const claimsMax = 64;

/** Long enough to be of someone, and never an accident: 8 bytes. */
const bytesMin = 8;

/** Every value that may be a signature, a token or a password by the name it stands under. */
export function signatureValues(request: RawRequest): Placed[] {
  const names = /sign|sig$|hmac|token|secret|authorization|api-?key/i;
  return placedValues(request, names).filter(({ text }) => text !== '');
}

/** Headers and query parameters whose names fit, in order. */
export function placedValues(request: RawRequest, names: RegExp): Placed[] {
  const headers = [...new Set(request.headers.map(([name]) => name.toLowerCase()))];
  const fromHeaders = headers
    .filter((name) => names.test(name))
    .flatMap((name) =>
      listHeader(request, name).map((text) => ({ place: { in: 'header' as const, name }, text })),
    );
  return [...fromHeaders, ...parameters(request).filter(({ place }) => names.test(place.name))];
}

/** The parameters of the query, percent-decoded: a `+` stays. */
export function parameters({ query }: RawRequest): Placed[] {
  if (query === '') return [];
  return Array.from(itemsOf(query), ([name, text]) => ({
    place: { in: 'query', name: percentDecode(name).toString('utf8') },
    text: percentDecode(text).toString('latin1'),
  }));
}

/** The ciphertext of WeCom: `echostr` of a GET, which checks the URL, else what is in the body. */
export function findCiphertext(request: RawRequest): string | undefined {
  if (request.method === 'GET') {
    return parameters(request).find(({ place }) => place.name === 'echostr')?.text;
  }
  const read = readEncrypt(request.body);
  return isRejected(read) ? undefined : read;
}

/** What the values can be read as. */
export function readClaims(values: readonly Placed[]): Claim[] {
  return values
    .flatMap((value) => [...textClaims(value), ...digestClaims(value)])
    .slice(0, claimsMax);
}

function textClaims({ place, text }: Placed): Claim[] {
  const whole = {
    place,
    encoding: 'text',
    label: '',
    isEscaped: false,
    isPassword: false,
  } as const;
  const claims: Claim[] = [{ ...whole, bytes: latin1(text) }];
  const [, label = '', rest = ''] = /^(Bearer |Token |Basic |token=)\s*(.+)$/i.exec(text) ?? [];
  if (/^basic /i.test(label)) return [...claims, ...passwordClaims(place, rest)];
  if (rest !== '') claims.push({ ...whole, label, bytes: latin1(rest) });
  if (text.includes('%')) claims.push({ ...whole, isEscaped: true, bytes: percentDecode(text) });
  return claims;
}

function passwordClaims(place: Place, base64: string): Claim[] {
  const bytes = Buffer.from(base64, 'base64');
  const colon = bytes.indexOf(':');
  const claim = { place, encoding: 'text', label: '', isEscaped: false } as const;
  return [
    { ...claim, bytes, isPassword: false },
    ...(colon === -1 ? [] : [{ ...claim, bytes: bytes.subarray(colon + 1), isPassword: true }]),
  ];
}

function latin1(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

/** Items of a list: `v1=…, v1=…`, `v1,… v1,…`, `t=…,v1=…`. */
function digestClaims({ place, text }: Placed): Claim[] {
  const isEscaped = text.includes('%');
  const plain = isEscaped ? percentDecode(text).toString('latin1') : text;
  const items = plain.match(/(?:v\d{1,2},)?[^\s,;]+/gi) ?? [];
  return items.flatMap((item) => {
    const [, label = '', rest = ''] =
      /^(v\d{1,2}[,=:]|[a-z][\w-]{0,15}[=:])?(.+)$/i.exec(item) ?? [];
    const bare = { place, isEscaped, isPassword: false };
    return [
      ...decode(unquote(rest)).map((read) => ({ ...bare, label, ...read })),
      // What looked like a label may be the beginning of base64 with its padding.
      ...(label === ''
        ? []
        : decode(unquote(item)).map((read) => ({ ...bare, label: '', ...read }))),
    ];
  });
}

function unquote(text: string): string {
  return text.replaceAll(/^["']|["']$/g, '');
}

type Read = Pick<Claim, 'encoding' | 'bytes'>;

function decode(text: string): Read[] {
  const reads = [...decodeHex(text), ...decodeBase64(text)];
  const twice = reads.flatMap(({ bytes }): Read[] => {
    const inner = bytes.toString('latin1');
    return /^(?:[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{128})$/i.test(inner)
      ? [{ encoding: 'twice', bytes: Buffer.from(inner, 'hex') }]
      : [];
  });
  return [...reads, ...twice].filter(
    ({ bytes }) => bytes.length >= bytesMin && bytes.length <= 192,
  );
}

/** A digit too many or too few is left over: the rest is the beginning of the digest. */
function decodeHex(text: string): Read[] {
  return /^[0-9a-f]+$/i.test(text) ? [{ encoding: 'hex', bytes: Buffer.from(text, 'hex') }] : [];
}

function decodeBase64(text: string): Read[] {
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(text)) return [];
  const bytes = Buffer.from(text, 'base64');
  const isStandard = bytes.toString('base64') === text;
  return [{ encoding: isStandard ? 'base64' : 'base64url', bytes }];
}
