import type { Integration, RawRequest } from '../../src/domain/channel.ts';
import { findCiphertext, placedValues } from './claims.ts';
import type { Placed } from './claims.ts';
import type { Fault } from './findings.ts';
import { formsFor, isSamePlace, nameOf } from './signature-forms.ts';
import type { SignatureForm, SignedParts } from './signature-forms.ts';

/** A way of signing with one choice of the parts that the request has. */
export interface Recipe {
  readonly form: SignatureForm;
  readonly parts: SignedParts;
  /** About the parts, not about the form. */
  readonly faults: readonly Fault[];
  /** One of very many: tried at the end, with nothing else changed. */
  readonly isLast: boolean;
}

/** Every way to sign this request that is tried; those of the own form first. */
export function recipesFor(
  request: RawRequest,
  integration: Integration,
  own: SignatureForm,
): Recipe[] {
  return formsFor(own).flatMap((form) => recipesOf({ request, integration, own }, form));
}

interface Given {
  readonly request: RawRequest;
  readonly integration: Integration;
  readonly own: SignatureForm;
}

function recipesOf({ request, integration, own }: Given, form: SignatureForm): Recipe[] {
  const choices = form.needs.map((need): Choice[] => {
    if (need === 'timestamp') return stampChoices(request, form, own);
    if (need !== 'username') return partChoices(request, need);
    return [{ parts: { username: integration.username ?? '' }, faults: [] }];
  });
  return choices
    .reduce<Choice[]>(crossed, [{ parts: {}, faults: [] }])
    .map(({ parts, faults }) => ({ form, parts, faults, isLast: false }));
}

/** A thousand digests of it take some 20 ms. */
const smallBytes = 16_384;

/** Who sends seconds, but signs the milliseconds they were made from: which ones is not known. */
export function millisecondRecipes(
  request: RawRequest,
  integration: Integration,
  own: SignatureForm,
): Recipe[] {
  if (own.stamp?.unit !== 's' || !own.coversBody || request.body.length > smallBytes) return [];
  const detail = 'Seconds were sent, milliseconds were signed';
  const faults: Fault[] = [{ code: 'timestamp_signed_otherwise', detail }];
  return recipesOf({ request, integration, own }, own)
    .filter(
      ({ parts, faults: others }) => others.length === 0 && /^\d{10}$/.test(parts.timestamp ?? ''),
    )
    .slice(0, 1)
    .flatMap(({ form, parts }) =>
      Array.from({ length: 999 }, (_, index) => {
        const timestamp = `${parts.timestamp}${String(index + 1).padStart(3, '0')}`;
        return { form, parts: { ...parts, timestamp }, faults, isLast: true };
      }),
    );
}

interface Choice {
  readonly parts: SignedParts;
  readonly faults: readonly Fault[];
}

function crossed(one: readonly Choice[], other: readonly Choice[]): Choice[] {
  return one.flatMap(({ parts, faults }) =>
    other.map((more) => ({
      parts: { ...parts, ...more.parts },
      faults: [...faults, ...more.faults],
    })),
  );
}

/** Everything that may be a timestamp by its name, or as `t=` in a signature. */
export function stampValues(request: RawRequest): Placed[] {
  const named = placedValues(request, /timestamp|^ts$|^t$|-time$/i);
  const inside = placedValues(request, /signature/i).flatMap(({ place, text }): Placed[] => {
    const [, time] = /(?:^|,)\s*t=(\d+)/.exec(text) ?? [];
    return time === undefined ? [] : [{ place, text: time }];
  });
  return [...named, ...inside].filter(({ text }) => text !== '').slice(0, 4);
}

function stampChoices(request: RawRequest, form: SignatureForm, own: SignatureForm): Choice[] {
  const known = [form, own].flatMap(({ stamp }) => (stamp ? [stamp.place] : []));
  const [wanted] = known;
  return stampValues(request).flatMap(({ place, text }) => {
    const isKnown = !wanted || known.some((one) => isSamePlace(one, place));
    const faults: Fault[] = isKnown ? [] : [elsewhere(place, wanted)];
    const others = otherStamps(text).map(([timestamp, detail]): Choice => ({
      parts: { timestamp },
      faults: [...faults, { code: 'timestamp_signed_otherwise', detail }],
    }));
    return [{ parts: { timestamp: text }, faults }, ...others];
  });
}

function elsewhere(place: Placed['place'], wanted: Placed['place']): Fault {
  const detail = `The timestamp came in ${nameOf(place)}; it is read from ${nameOf(wanted)}`;
  return { code: 'timestamp_header', detail };
}

/** What else may have been signed for a timestamp. */
function otherStamps(text: string): (readonly [timestamp: string, detail: string])[] {
  if (/^\d{12,14}$/.test(text)) {
    const seconds = Math.floor(Number(text) / 1000);
    const detail = 'Milliseconds were sent, seconds were signed';
    return [
      [String(seconds), detail],
      [String(seconds + 1), `${detail}, rounded up`],
    ];
  }
  if (/^\d{9,10}$/.test(text))
    return [[`${text}000`, 'Seconds were sent, milliseconds were signed']];
  if (/^\d{9,10}\.\d+$/.test(text)) {
    return [[text.replace(/\..*$/, ''), 'Decimals were sent, whole seconds were signed']];
  }
  const at = /^\d{4}-/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at)) return [];
  return [
    [String(Math.floor(at / 1000)), 'ISO 8601 was sent, Unix seconds were signed'],
    [String(at), 'ISO 8601 was sent, Unix milliseconds were signed'],
  ];
}

function partChoices(request: RawRequest, need: keyof SignedParts): Choice[] {
  if (need === 'encrypt') return encryptChoices(request);
  const names = need === 'id' ? idNames : nonceNames;
  return placedValues(request, names)
    .filter(({ text }) => text !== '')
    .slice(0, 2)
    .map(({ text }) => ({ parts: { [need]: text }, faults: [] }));
}

const idNames = /^(?:webhook-id|svix-id|x-webhook-id|idempotency-key)$/;
const nonceNames = /^(?:x-lark-request-nonce|nonce)$/;

/** The ciphertext of WeCom: a blank in it was a `+` that somebody took for one. */
function encryptChoices(request: RawRequest): Choice[] {
  const read = findCiphertext(request);
  if (read === undefined) return [];
  const repaired = read.replaceAll(' ', '+');
  const detail = 'The ciphertext has blanks where it had "+"';
  return [
    { parts: { encrypt: read }, faults: [] },
    ...(repaired === read
      ? []
      : [{ parts: { encrypt: repaired }, faults: [{ code: 'url_encoded' as const, detail }] }]),
  ];
}
