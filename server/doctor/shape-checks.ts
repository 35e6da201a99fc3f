import { listHeader } from '../channels/request-reader.ts';
import { faultsOfClaim } from './claim-faults.ts';
import { parameters, readClaims } from './claims.ts';
import type { Claim } from './claims.ts';
import type { Fault } from './findings.ts';
import type { Patient } from './patient.ts';
import { isSamePlace, nameOf } from './signature-forms.ts';
import type { Algorithm, Place, SignatureForm } from './signature-forms.ts';

/** A signature or token that is not there at all, or empty. */
export function absenceFaults({ request, own, values, rejection }: Patient): Fault[] {
  const isAbsent = rejection.reason === 'signature_missing' || rejection.reason === 'token_missing';
  if (!isAbsent || own.place === null) return [];
  const { place } = own;
  if (sentAt(request, place).length > 0) {
    return [{ code: 'header_empty', detail: `${nameOf(place)} has no value` }];
  }
  if (values.length > 0) return [];
  const detail = `Nothing came in ${nameOf(place)}, nor in any other header or parameter for signatures`;
  return [{ code: 'signature_missing', detail }];
}

function sentAt(request: Patient['request'], { in: kind, name }: Place): readonly string[] {
  if (kind === 'header') return listHeader(request, name);
  if (kind === 'body') return [];
  return parameters(request)
    .filter(({ place }) => place.name === name)
    .map(({ text }) => text);
}

/** What the form of the signature tells where no digest matched. */
export function shapeFaults({ own, values, rejection }: Patient): Fault[] {
  if (own.place === null) return [];
  const ours = values.filter(({ place }) => isSamePlace(place, own.place));
  const [elsewhere] = values;
  if (ours.length === 0 && elsewhere) {
    const detail = `There is ${nameOf(elsewhere.place)}; this integration reads ${nameOf(own.place)}`;
    return [{ code: 'wrong_header', detail }];
  }
  if (rejection.reason !== 'signature_malformed' || own.encoding === 'text') return [];
  const claims = readClaims(ours).filter(({ encoding }) => encoding !== 'text');
  const told = claims.map((claim) => faultsOfClaim(claim, shapeOf(claim, own)));
  const [fewest] = told.toSorted((one, other) => one.length - other.length);
  if (fewest) return fewest;
  const detail = `What came in ${nameOf(own.place)} is neither hex nor base64 of 8 bytes or more`;
  return [{ code: 'signature_cut_short', detail }];
}

const byLength: ReadonlyMap<number, Algorithm> = new Map([
  [16, 'md5'],
  [20, 'sha1'],
  [32, 'sha256'],
  [48, 'sha384'],
  [64, 'sha512'],
]);

function shapeOf({ bytes }: Claim, own: SignatureForm) {
  const algorithm = byLength.get(bytes.length);
  const digest = Buffer.alloc(algorithm ? bytes.length : 32);
  return { form: own, own, algorithm: algorithm ?? own.algorithm, digest };
}
