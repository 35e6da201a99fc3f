import type { Claim } from './claims.ts';
import type { Fault } from './findings.ts';
import { isSamePlace, nameOf } from './signature-forms.ts';
import type { Algorithm, SignatureForm } from './signature-forms.ts';

/** What matched, and what it is held against. */
export interface Matched {
  readonly form: SignatureForm;
  readonly own: SignatureForm;
  readonly algorithm: Algorithm;
  readonly digest: Buffer;
}

/** What is wrong with where and how a matching signature was written, and with its form. */
export function faultsOfClaim(claim: Claim, matched: Matched): Fault[] {
  const { form, own } = matched;
  // Gitee has one header for its password and its signature.
  const isOwnPlace = isSamePlace(claim.place, own.place) && own.encoding !== 'text';
  const isOtherPlace = form !== own && isSamePlace(claim.place, form.place) && !isOwnPlace;
  // A scheme that is followed in all its parts is one difference, not five.
  const expected = isOtherPlace ? form : own;
  const formFaults = form === own ? [] : [formFault(claim, matched, isOtherPlace)];
  if (claim.encoding === 'text') {
    const isSaid = formFaults.length > 0;
    return [
      ...formFaults,
      ...(isSaid ? [] : placeFaults(claim, expected)),
      ...escapeFaults(claim, expected),
    ];
  }
  return [
    ...formFaults,
    ...placeFaults(claim, expected),
    ...labelFaults(claim, expected, matched.algorithm),
    ...encodingFaults(claim, expected),
    ...escapeFaults(claim, expected),
    ...digestFaults(claim, matched),
  ];
}

function formFault(claim: Claim, { form, own }: Matched, isOtherPlace: boolean): Fault {
  if (form.encoding === 'text') return textFault(claim, own);
  const detail = `What was signed is ${form.title}; this integration asks for ${own.title}`;
  if (form.name === 'standard') {
    return { code: own.name === 'platform' ? 'standard_webhooks' : 'other_scheme', detail };
  }
  if (isOtherPlace) return { code: 'other_scheme', detail };
  return { code: joinFault(form.name, own.name), detail };
}

/** The secret stands where a signature belongs, or the password where a user goes with it. */
function textFault(claim: Claim, own: SignatureForm): Fault {
  if (own.name === 'basic') {
    const detail = claim.isPassword
      ? 'The user name sent is not that of this integration, the password is right'
      : `The password came without a user, in ${nameOf(claim.place)}`;
    return { code: claim.isPassword ? 'other_user' : 'wrong_header', detail };
  }
  const detail = `${nameOf(claim.place)} carries the secret; this integration asks for ${own.title}`;
  const isTokenPlace = /^x-git(?:lab|ee)-token$|^token$/.test(claim.place.name);
  return { code: isTokenPlace ? 'other_scheme' : 'secret_sent', detail };
}

function joinFault(form: string, own: string): Fault['code'] {
  const isStamped = own === 'platform' || own === 'standard';
  if (form.startsWith('hash_')) return 'not_hmac';
  if (!isStamped) return 'other_scheme';
  if (form === 'github') return 'body_alone';
  if (form === 'platform') return 'id_not_signed';
  const isJoined = ['concat', 'newline', 'colon', 'body_first'].includes(form);
  return isJoined ? 'dot_missing' : 'other_scheme';
}

function placeFaults({ place }: Claim, { place: wanted }: SignatureForm): Fault[] {
  if (wanted === null || isSamePlace(place, wanted)) return [];
  // Lark's token has its place by the version of the envelope: whoever read it there knew.
  if (place.in === 'body' && wanted.in === 'body') return [];
  const detail = `It came in ${nameOf(place)} and is read from ${nameOf(wanted)}`;
  const isAddress = place.in === 'query' && wanted.in !== 'query';
  return [{ code: isAddress ? 'signature_in_query' : 'wrong_header', detail }];
}

function labelFaults(
  { label }: Claim,
  { label: wanted, algorithm: native }: SignatureForm,
  algorithm: Algorithm,
): Fault[] {
  // `sha1=` in front of a SHA-1 is no difference of its own.
  const isOfHash = algorithm !== native && label === `${algorithm}=`;
  if (label === wanted || isOfHash) return [];
  const detail = `In front of the signature stands ${labelName(label)}; there must be ${labelName(wanted)}`;
  return [{ code: 'label', detail }];
}

/** Only labels that are known are repeated: another one may be the beginning of a secret. */
function labelName(label: string): string {
  if (label === '') return 'no label';
  return /^(?:v\d{1,2}|sha-?\d{1,3}|hmac|signature|sig|t)[,=:]$/i.test(label)
    ? `"${label}"`
    : 'a label of another kind';
}

function encodingFaults({ encoding }: Claim, { encoding: wanted }: SignatureForm): Fault[] {
  if (encoding === wanted || encoding === 'text') return [];
  const detail = `The scheme asks for ${wanted}`;
  if (encoding === 'twice') return [{ code: 'encoding_twice', detail }];
  return [{ code: `encoding_${encoding}`, detail }];
}

/** Gitee's own page has its signature percent-encoded: there it is no fault. */
function escapeFaults({ isEscaped, place }: Claim, expected: SignatureForm): Fault[] {
  if (!isEscaped || (expected.name === 'gitee' && isSamePlace(place, expected.place))) return [];
  return [{ code: 'url_encoded', detail: `The value in ${nameOf(place)} is percent-encoded` }];
}

function digestFaults({ bytes }: Claim, { form, own, algorithm, digest }: Matched): Fault[] {
  const faults: Fault[] = [];
  if (bytes.length < digest.length) {
    const detail = `${bytes.length} of ${digest.length} bytes arrived`;
    faults.push({ code: 'signature_cut_short', detail });
  }
  if (algorithm !== form.algorithm) {
    const detail = `It is made with ${algorithm.toUpperCase()}; the scheme asks for ${own.algorithm.toUpperCase()}`;
    faults.push({ code: 'other_algorithm', detail });
  }
  return faults;
}
