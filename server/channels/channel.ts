import type { Integration, Mode, RawRequest, Received } from '../../src/domain/channel.ts';

/** When a request arrived, and how far its timestamp may lie from that. */
export interface Clock {
  readonly now: Date;
  /** The platform's default in seconds; a channel or an integration may have its own. */
  readonly toleranceS: number;
}

/** A provider and its way of signing. */
export interface Channel {
  /** The methods it takes by itself; those of an integration are told by `methodsOf`. */
  readonly methods: readonly string[];
  /** What is answered to an accepted event; without it, `{"event_id", "status"}`. */
  readonly reply?: { readonly contentType: string; readonly body: string };
  /** Judge a request whose method is taken. Pure: bytes, secrets and time in, a union out. */
  readonly receive: (request: RawRequest, integration: Integration, clock: Clock) => Received;
  /** Query parameters that carry a secret by themselves: kept as `***`. */
  readonly secretParameters?: readonly string[];
  /** Replaces what the body carries of secrets, whether or not the request was verified. */
  readonly redactBody?: (request: RawRequest) => Uint8Array;
}

/** The methods that an integration takes: what a relay of ours hands on always comes as POST. */
export function methodsOf({ methods }: Channel, mode: Mode): readonly string[] {
  return mode === 'platform' ? ['POST'] : methods;
}
