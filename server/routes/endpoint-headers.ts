import { z } from 'zod';
import { isOwnHeader } from '../../src/domain/request-header.ts';
import { addMistake } from '../route.ts';
import type { Mistake } from '../route.ts';

/** With what the platform adds this stays below the 32 KiB of head that servers commonly take. */
const headersMax = 20;
const valueMax = 1000;
const nameMax = 100;

export const headersSchema = z
  .record(z.string(), z.string())
  .refine((headers) => Object.keys(headers).length <= headersMax, `At most ${headersMax} headers`)
  .check((payload) => {
    for (const mistake of headerMistakes(payload.value)) addMistake(payload, mistake);
  })
  .meta({
    description: `Sent with every attempt. At most ${headersMax}; names in any case; values are printable ASCII of at most 1,000 characters`,
  });

/** An HTTP token (RFC 9110 §5.6.2). */
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** What undici and every server take as a header's value. */
const value = /^[\t\x20-\x7e]*$/;

/** Each at its header; of too many headers those of the first. */
function headerMistakes(headers: Readonly<Record<string, string>>): Mistake[] {
  const entries = Object.entries(headers).slice(0, headersMax);
  const names = entries.map(([name]) => name.toLowerCase());
  return entries.flatMap(([name, text], index) => {
    const lower = name.toLowerCase();
    const isTaken = names.indexOf(lower) !== index;
    const message = isTaken ? `Is given twice: "${lower}"` : (whyNot(lower) ?? whyNotValue(text));
    return message === undefined ? [] : [{ path: [name], message }];
  });
}

/** As they are stored and sent. */
export function toHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, text]) => [name.toLowerCase(), text]),
  );
}

function whyNot(name: string): string | undefined {
  if (!token.test(name)) return 'Is not the name of an HTTP header';
  if (name.length > nameMax) return `Must be at most ${nameMax} characters`;
  if (name === 'authorization') return 'Use "auth" for it: there it is kept as a secret';
  if (isOwnHeader(name)) return `The platform alone sets "${name}"`;
  return undefined;
}

function whyNotValue(text: string): string | undefined {
  if (text.length > valueMax) return 'Its value must be at most 1,000 characters';
  return value.test(text) ? undefined : 'Its value must be printable ASCII, in one line';
}
