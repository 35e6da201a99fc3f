import type { Mode } from '../../domain/channel.ts';
import type { Sample } from '../samples.ts';

/** What a sender must know of an integration to sign for it. */
export interface SenderSettings {
  readonly mode: Mode;
  /** Null where the mode alone says it. */
  readonly scheme: string | null;
  /** By kind: `{ encrypt_key: … }`. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly username: string | null;
  readonly receiveId: string | null;
}

/** What is stamped on a request. */
export interface Stamp {
  readonly now: Date;
  /** The same one again is a redelivery; where the provider puts none on the wire, the same body is. */
  readonly deliveryId: string;
}

/** A request as the provider would send it. */
export interface SignedRequest {
  readonly method: 'GET' | 'POST';
  /** As on the wire, without `?`. */
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** What its receiver takes for its delivery id, where that is another than the one stamped on it. */
  readonly dedupeId?: string;
}

/** Signs a sample as its provider does, in the scheme of the settings. */
export type Sender = (sample: Sample, settings: SenderSettings, stamp: Stamp) => SignedRequest;

/**
 * The secret of a kind.
 *
 * @throws Error naming the kind when there is none
 */
export function secretOf({ secrets }: SenderSettings, kind: string): string {
  const value = secrets[kind];
  if (value === undefined) throw new Error(`Cannot sign: the secret "${kind}" is missing`);
  return value;
}

/** The provider's type of a sample: its name up to the first dot, `pull_request.draft` say. */
export function typeOf({ name }: Sample): string {
  return name.split('.', 1)[0] ?? name;
}
