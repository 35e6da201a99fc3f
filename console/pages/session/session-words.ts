import type { Answers } from '../../../src/client/index.ts';
import { moneyWords } from '../../parts/money-words.ts';

export type Session = Answers['Session'];
export type Entry = Answers['SessionEntry'];

/** What a session cost; a dash while it has no result. */
export function costWords({ cost, currency, failure }: Session): string {
  return cost === null || currency === null || failure !== null ? '–' : moneyWords(cost, currency);
}
