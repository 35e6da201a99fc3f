import { endedDeliveryStates } from './cycle.ts';
import type { ProblemCode } from './problem.ts';

/** What a person does to a delivery: send it now, end it, hold it back, send it once more. */
export type SteeringMove = 'attempt_now' | 'cancel' | 'hold' | 'redrive';

const underWayStates = ['pending', 'retrying'] as const;
const waitingStates = [...underWayStates, 'parked'] as const;

/** From which states each move is possible. */
export const steeredStates = {
  attempt_now: waitingStates,
  cancel: waitingStates,
  hold: underWayStates,
  redrive: endedDeliveryStates,
} as const satisfies Record<SteeringMove, readonly string[]>;

/** What is asked of a delivery before it is steered. */
export interface Steered {
  readonly state: string;
  readonly last_reason: string | null;
  readonly is_in_line: boolean;
}

/** Why a delivery can't be steered so; `reason` goes on after its id. */
export interface Refusal {
  readonly code: ProblemCode;
  readonly reason: string;
}

/** @returns undefined when nothing speaks against it */
export function refusalOf(move: SteeringMove, delivery: Steered): Refusal | undefined {
  const { state } = delivery;
  const states: readonly string[] = steeredStates[move];
  if (move === 'redrive') {
    if (states.includes(state)) return undefined;
    return { code: 'delivery-not-ended', reason: `is ${state}` };
  }
  if (states.includes(state)) return move === 'attempt_now' ? heldUpBy(delivery) : undefined;
  const reason =
    state === 'parked' ? 'is held back already' : `is ${state}: redrive it to send it again`;
  return { code: 'delivery-not-waiting', reason };
}

function heldUpBy({ state, last_reason: reason, is_in_line }: Steered): Refusal | undefined {
  if (state === 'parked' && reason === 'endpoint_paused') {
    return {
      code: 'endpoint-paused',
      reason: 'waits for its endpoint, which is paused: resume that',
    };
  }
  if (state !== 'parked' && is_in_line) {
    return { code: 'delivery-in-line', reason: 'waits for another of its key' };
  }
  return undefined;
}
