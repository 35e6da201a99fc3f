import { problemOf } from '../../api/problem.ts';
import type { Answers } from '../../../src/client/index.ts';

/** An endpoint as its page has it. */
export type Endpoint = Answers['EndpointWithHealth'];

/** `1 delivery`, `1,200 deliveries`. */
export function deliveriesWords(count: number): string {
  return `${count.toLocaleString('en')} ${count === 1 ? 'delivery' : 'deliveries'}`;
}

/** The page of its deliveries in a state. */
export function deliveriesPath(endpointId: string, state?: string): string {
  const ofState = state === undefined ? '' : `&state=${state}`;
  return `/deliveries?endpoint_id=${endpointId}${ofState}`;
}

/**
 * What a problem says about a field itself: `detailAt` counts what is wrong inside of it too, which rows of their own
 * tell.
 */
export function detailOf(error: unknown, pointer: string): string | undefined {
  return problemOf(error).said.errors.find((item) => item.pointer === pointer)?.detail;
}
