import { z } from 'zod';

/** Cancelled or failed = its workflow was ended in Temporal before it was through. */
export const importStates = ['pending', 'completed', 'cancelled', 'failed'] as const;

export type ImportState = (typeof importStates)[number];

/** Text that PostgreSQL can hold: no U+0000, and no half of a surrogate pair. */
const text = (max: number) =>
  z
    .string()
    .max(max)
    .regex(/^[^\0\p{Cs}]*$/u, 'Must not contain U+0000 or half a surrogate pair');

/** Where issues come from, such as `github`. */
export const sourceSchema = text(100).min(1);

/** One issue of an import; what else a sender says of it is not kept. */
export const importItemSchema = z.object({
  repository: text(300).min(1),
  number: z.int().positive().max(2_147_483_647),
  title: text(1000),
  state: text(100).min(1),
  url: z.url({ protocol: /^https?$/, error: 'Must be an http or https URL' }).max(2000),
});

export type ImportItem = z.output<typeof importItemSchema>;

/** An issue that says itself where it comes from. */
export const trackedIssueSchema = importItemSchema.extend({ source: sourceSchema });

/** What is wrong, a line for each field: `number: Invalid input: expected number, received string`. */
export function mistakesOf({ issues }: z.ZodError): string[] {
  return issues.map(({ path, message }) => [...path.map(String), message].join(': '));
}
