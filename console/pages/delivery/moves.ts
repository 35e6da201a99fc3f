import { hasEnded } from './rungs.ts';
import type { Delivery } from './rungs.ts';

/** Why a move is not possible now, in words for a button's title; undefined when it is. */
export type WhyNot = string | undefined;

const ended = 'It has ended: redrive it to send it again';

/** Of the next attempt, in place of its wait. */
export function whyNotNow(delivery: Delivery): WhyNot {
  if (hasEnded(delivery)) return ended;
  if (delivery.state === 'parked') return whyNotReleased(delivery) ?? 'Held back: release it';
  if (delivery.is_in_line) return 'In line: another of its key goes first';
  return whyTakesNothing(delivery);
}

/** Of holding it back. */
export function whyNotHeld(delivery: Delivery): WhyNot {
  return hasEnded(delivery) ? ended : undefined;
}

/** Of letting go what is held back: one that waits for a paused endpoint goes when that is resumed. */
export function whyNotReleased({ last_reason: reason }: Delivery): WhyNot {
  return reason === 'endpoint_paused'
    ? 'It waits for its endpoint, which is paused: resume that'
    : undefined;
}

/** Of ending it. */
export function whyNotCancelled(delivery: Delivery): WhyNot {
  return hasEnded(delivery) ? 'It has ended: nothing more is sent of it' : undefined;
}

/** Of its next cycle. */
export function whyNotRedriven({ state }: Delivery): WhyNot {
  const isUnderWay = state === 'pending' || state === 'retrying';
  return isUnderWay ? 'It has not ended: its attempts go on by themselves' : undefined;
}

function whyTakesNothing({ endpoint }: Delivery): WhyNot {
  if (endpoint === null || endpoint.is_deleted) return 'Its endpoint was deleted';
  if (endpoint.state === 'paused') return 'Its endpoint is paused: resume that';
  return endpoint.state === 'disabled' ? 'Its endpoint is disabled: enable that' : undefined;
}
