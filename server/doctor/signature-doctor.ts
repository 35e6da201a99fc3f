import { rejectionReasons } from '../../src/domain/channel.ts';
import type {
  Integration,
  RawRequest,
  Received,
  RejectionReason,
} from '../../src/domain/channel.ts';
import { methodsOf } from '../channels/channel.ts';
import type { Channel, Clock } from '../channels/channel.ts';
import { channels } from '../channels/index.ts';
import { isRejected, rejected } from '../channels/request-reader.ts';
import { readClaims, signatureValues } from './claims.ts';
import { envelopeFaults, envelopeTokens } from './envelope-checks.ts';
import { toFinding } from './findings.ts';
import type { Fault, Finding, FindingCode } from './findings.ts';
import type { Patient } from './patient.ts';
import { search } from './search.ts';
import { ownForm } from './signature-forms.ts';
import type { SignatureForm } from './signature-forms.ts';
import { absenceFaults, shapeFaults } from './shape-checks.ts';
import { stampFaults } from './stamp-checks.ts';

/** What is the matter with a request. */
export interface Diagnosis {
  /** `explained`: doing what the findings say makes it verify; `unexplained`: nothing matched. */
  readonly outcome: 'verifies' | 'explained' | 'unexplained';
  /** What the ingress says; null when it accepts the request. */
  readonly reason: RejectionReason | null;
  readonly findings: readonly Finding[];
  /** Digests that were made. */
  readonly tried: number;
  /** Whether all was tried that is known; false when a limit of number or size ended it. */
  readonly is_complete: boolean;
}

/**
 * Say which part of a request differs from one that verifies.
 *
 * The verdict is that of the channel itself; then what the sender may have done otherwise is tried,
 * at most two things at once, until a digest matches. A large body takes seconds, in which others have
 * the event loop too.
 *
 * @param integration - with all its secrets, ended ones too
 * @param clock - when the request arrived
 */
export async function diagnose(
  request: RawRequest,
  integration: Integration,
  clock: Clock,
): Promise<Diagnosis> {
  const channel = channels.get(integration.channel);
  if (!channel) throw new Error(`Cannot diagnose "${integration.channel}": no such channel`);
  const received = judge(channel, request, { integration, clock });
  if (received.kind !== 'rejected') return verified(received.secretIds);
  const { reason } = received;
  const own = ownForm(integration, reason);
  const values = [...signatureValues(request), ...envelopeTokens(request, integration, own)];
  const claims = readClaims(values);
  const { match, tried, isComplete } = await search({
    request,
    integration,
    now: clock.now,
    own,
    claims,
  });
  const probe = probeOf(request, own);
  const later = probe && judge(channel, probe, { integration, clock });
  const patient = { request, integration, clock, own, values, rejection: received, match };
  const findings = findingsOf({
    ...patient,
    later: later && isRejected(later) ? later : undefined,
  });
  return { outcome: outcomeOf(findings), reason, findings, tried, is_complete: isComplete };
}

interface Bench {
  readonly integration: Integration;
  readonly clock: Clock;
}

function judge(channel: Channel, request: RawRequest, { integration, clock }: Bench): Received {
  const methods = methodsOf(channel, integration.mode);
  if (methods.includes(request.method)) return channel.receive(request, integration, clock);
  return rejected('method_not_allowed', `It came as another method than ${methods.join(' or ')}`);
}

function verified(secretIds: readonly string[]): Diagnosis {
  const detail = `The ingress accepts it, by the secret ${secretIds.map((id) => `"${id}"`).join(', ')}`;
  const findings = [toFinding({ code: 'verifies', detail }, 'certain')];
  return { outcome: 'verifies', reason: null, findings, tried: 0, is_complete: true };
}

/**
 * The request with a well-formed signature of nobody: what a channel says of it is what comes after
 * the form of the signature, its timestamp above all.
 */
function probeOf(request: RawRequest, own: SignatureForm): RawRequest | undefined {
  if (own.place?.in !== 'header' || own.encoding === 'text') return undefined;
  const { name } = own.place;
  const value = `${own.label}${Buffer.alloc(32).toString(own.encoding)}`;
  const others = request.headers.filter(([sent]) => sent.toLowerCase() !== name);
  return { ...request, headers: [...others, [name, value]] };
}

function findingsOf(patient: Patient): Finding[] {
  const { match, rejection } = patient;
  const confidence = match ? 'certain' : 'likely';
  const told = match?.faults ?? [];
  const certain = unique([...told, ...(match ? stampFaults(patient) : [])]);
  const findings = [
    ...certain.map((fault) => toFinding(fault, 'certain')),
    ...envelopeFaults(patient).map(({ fault, isCertain }) =>
      toFinding(fault, isCertain ? 'certain' : confidence),
    ),
    ...unique(reasonFaults(patient)).map((fault) => toFinding(fault, confidence)),
    ...(match ? [] : unique(guesses(patient)).map((fault) => toFinding(fault, 'likely'))),
  ];
  if (findings.length > 0) return findings;
  const { reason, detail } = rejection;
  return [toFinding({ code: 'refused_otherwise', detail: `${reason}: ${detail}` }, confidence)];
}

const codesOfReasons: Partial<Record<RejectionReason, FindingCode>> = {
  method_not_allowed: 'method',
  duplicate_parameter: 'header_twice',
  parameter_missing: 'part_missing',
};

/** What the reason alone tells, and that of what would be refused next. */
function reasonFaults({ rejection, later }: Patient): Fault[] {
  return [rejection, later].flatMap((one): Fault[] => {
    const code = one && codesOfReasons[one.reason];
    return code ? [{ code, detail: one.detail }] : [];
  });
}

/** Where nothing matched: what can be seen without a digest. */
function guesses(patient: Patient): Fault[] {
  const { reason } = patient.rejection;
  if (rejectionReasons[reason] !== 401 && reason !== 'parameter_missing') return [];
  const absent = absenceFaults(patient);
  if (absent.length > 0) return absent;
  const isSigned = patient.own.place?.in === 'body' ? patient.values.length > 0 : true;
  const isOpened = ['encryption_required', 'encrypt_key_missing', 'decrypt_failed'].includes(
    reason,
  );
  return [
    ...shapeFaults(patient),
    ...(isOpened ? [] : stampFaults(patient)),
    ...(isSigned && !isOpened ? [nothingMatched(patient)] : []),
  ];
}

function nothingMatched({ integration, own }: Patient): Fault {
  const count = integration.secrets.length;
  const detail = `No secret of this integration (${count} of them, ended ones too) fits, with up to two differences from ${own.title}`;
  return { code: 'nothing_matched', detail };
}

/** One finding per code: the first says it. */
function unique(faults: readonly Fault[]): Fault[] {
  return [
    ...new Map(faults.toReversed().map((fault) => [fault.code, fault])).values(),
  ].toReversed();
}

function outcomeOf(findings: readonly Finding[]): Diagnosis['outcome'] {
  if (findings.some(({ confidence }) => confidence === 'certain')) return 'explained';
  return findings.some(({ code }) => code === 'nothing_matched') ? 'unexplained' : 'explained';
}
