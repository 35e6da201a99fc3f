import { z } from 'zod';

/** The part of a condition that decided, as the API and `explainCondition` tell it. */
export const decisiveSchema = z.object({
  expression: z.string(),
  outcome: z.string(),
  values: z.array(z.object({ expression: z.string(), value: z.string() })).default([]),
});

/** `body.action == 'opened' is false: body.action is "closed"`. */
export function decisiveText({
  expression,
  outcome,
  values,
}: z.output<typeof decisiveSchema>): string {
  const compared = values.map((each) => `${each.expression} is ${each.value}`).join(', ');
  const told = `${expression} is ${outcome}`;
  return compared === '' ? told : `${told}: ${compared}`;
}
