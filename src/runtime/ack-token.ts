import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import type { AttemptPlace } from '../store/acks.ts';

/** Makes and reads the tokens with which consumers acknowledge attempts later. */
export interface AckTokens {
  /** What goes with an attempt: where to acknowledge it, and with what. Not to be logged. */
  headersOf(place: AttemptPlace): Readonly<Record<string, string>>;
  /** The attempt that a token is of, when it is ours and of this delivery. */
  read(deliveryId: string, token: string): AttemptPlace | undefined;
}

/**
 * Tokens that are signed, not stored: `<cycle>.<number>.<43 characters of base64url>`.
 *
 * @param masterKey - the tokens' key is made from it: with another one every token is void
 * @param publicUrl - where consumers reach this server
 */
export function makeAckTokens(masterKey: Buffer, publicUrl: string): AckTokens {
  const key = Buffer.from(hkdfSync('sha256', masterKey, '', 'durahook ack token', 32));

  function sign({ deliveryId, cycle, number }: AttemptPlace): Buffer {
    return createHmac('sha256', key).update(`${deliveryId}.${cycle}.${number}`).digest();
  }

  return {
    headersOf(place) {
      const { deliveryId, cycle, number } = place;
      return {
        'webhook-ack-url': `${publicUrl}/v1/deliveries/${deliveryId}/ack`,
        'webhook-ack-token': `${cycle}.${number}.${sign(place).toString('base64url')}`,
      };
    },
    read(deliveryId, token) {
      const [, cycle, number, mac] = /^(\d{1,9})\.(\d{1,4})\.([\w-]{43})$/.exec(token) ?? [];
      if (mac === undefined) return undefined;
      const place = { deliveryId, cycle: Number(cycle), number: Number(number) };
      return timingSafeEqual(sign(place), Buffer.from(mac, 'base64url')) ? place : undefined;
    },
  };
}
