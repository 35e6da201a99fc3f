import type { Answers } from '../../../src/client/index.ts';

/** An endpoint as its page has it. */
export type Endpoint = Answers['EndpointWithHealth'];

/** `1 delivery`, `1,200 deliveries`. */
export function deliveriesWords(count: number): string {
  return `${count.toLocaleString('en')} ${count === 1 ? 'delivery' : 'deliveries'}`;
}
