import { z } from 'zod';
import type { ProblemItem } from '../../src/domain/problem.ts';
import { isOwnHeader } from '../../src/domain/request-header.ts';

/** With what the platform adds this stays below the 32 KiB of head that servers commonly take. */
const headersMax = 20;
const valueMax = 1000;
const nameMax = 100;

export const headersSchema = z
  .record(z.string(), z.string())
  .refine((headers) => Object.keys(headers).length <= headersMax, `At most ${headersMax} headers`)
  .meta({
    description: `Sent with every attempt. At most ${headersMax}; names in any case; values are printable ASCII of at most 1,000 characters`,
  });

/** An HTTP token (RFC 9110 §5.6.2). */
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** What undici and every server take as a header's value. */
const value = /^[\t\x20-\x7e]*$/;

/** Each mistake at its header: `/headers/x-tenant`. */
export function headerMistakes(headers: Readonly<Record<string, string>>): ProblemItem[] {
  const names = Object.keys(headers).map((name) => name.toLowerCase());
  return Object.entries(headers).flatMap(([name, text], index) => {
    const lower = name.toLowerCase();
    const isTaken = names.indexOf(lower) !== index;
    const detail = isTaken ? `Is given twice: "${lower}"` : (whyNot(lower) ?? whyNotValue(text));
    const place = name.replaceAll('~', '~0').replaceAll('/', '~1');
    return detail === undefined ? [] : [{ pointer: `/headers/${place}`, detail }];
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
