import type { Integration, IntegrationSecret, RawRequest } from '../../src/domain/channel.ts';
import { decryptWecom } from '../../src/runtime/wecom-crypto.ts';
import { decryptEnvelope, parseEnvelope, tokenOf } from '../channels/lark-envelope.ts';
import type { Envelope } from '../channels/lark-envelope.ts';
import { isRejected } from '../channels/request-reader.ts';
import { findCiphertext } from './claims.ts';
import type { Placed } from './claims.ts';
import type { Fault, FindingCode } from './findings.ts';
import type { Patient } from './patient.ts';
import type { SignatureForm } from './signature-forms.ts';

/** The verification token in the body of Lark's, where that is what is verified. */
export function envelopeTokens(
  request: RawRequest,
  integration: Integration,
  own: SignatureForm,
): Placed[] {
  if (own.place?.in !== 'body') return [];
  const envelope = openLark(request, ofKind(integration, 'encrypt_key'))?.envelope;
  const { place = '', value } = envelope ? tokenOf(envelope) : {};
  if (typeof value !== 'string' || value === '') return [];
  return [{ place: { in: 'body', name: place }, text: Buffer.from(value).toString('latin1') }];
}

interface EnvelopeFault {
  readonly fault: Fault;
  /** Something was opened, which no other key would have done. */
  readonly isCertain: boolean;
}

const codes: Partial<Record<string, FindingCode>> = {
  encryption_required: 'not_encrypted',
  encrypt_key_missing: 'encrypt_key_missing',
  receive_id_mismatch: 'receive_id',
  decrypt_failed: 'decrypt_failed',
};

/** What is wrong with the encryption of a body, or with for whom it is. */
export function envelopeFaults(patient: Patient): EnvelopeFault[] {
  const { reason, detail } = patient.rejection;
  const code = codes[reason];
  if (!code) return [];
  const opener = reason === 'decrypt_failed' ? findOpener(patient) : undefined;
  if (!opener) return [{ fault: { code, detail }, isCertain: false }];
  const ended = opener.expiresAt?.toISOString() ?? 'an instant unknown';
  const told = `The secret "${opener.id}" opens the body, which ended at ${ended}`;
  return [{ fault: { code: 'older_secret', detail: told }, isCertain: true }];
}

/** The ended key that opens what no valid one does. */
function findOpener({ request, integration }: Patient): IntegrationSecret | undefined {
  if (integration.channel === 'lark') {
    return ofKind(integration, 'encrypt_key').find((secret) => openLark(request, [secret]));
  }
  const encrypt = findCiphertext(request);
  if (encrypt === undefined) return undefined;
  // Another key opens one in some hundred to rubbish; not to rubbish for this receiver.
  const receiver = Buffer.from(integration.receiveId ?? '');
  return ofKind(integration, 'aes_key').find(
    ({ value }) => decryptWecom(value, encrypt)?.receiveId.equals(receiver) === true,
  );
}

function ofKind({ secrets }: Integration, kind: string): IntegrationSecret[] {
  return secrets.filter((secret) => secret.kind === kind);
}

function openLark(
  { body }: RawRequest,
  keys: readonly IntegrationSecret[],
): { readonly envelope: Envelope } | undefined {
  const outer = parseEnvelope(body);
  if (isRejected(outer)) return undefined;
  const { encrypt } = outer.json;
  return typeof encrypt === 'string' ? decryptEnvelope(encrypt, keys) : { envelope: outer };
}
