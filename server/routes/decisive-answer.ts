import { z } from 'zod';

const shownValue = z.object({
  expression: z.string(),
  value: z.string().meta({ description: 'JSON, cut to 120 characters' }),
});

export const decisiveSchema = z
  .object({
    expression: z.string(),
    offset: z.int().meta({ description: 'Where it begins in its condition, in characters from 0' }),
    outcome: z.string().meta({ description: '`false`, `true`, or `failed: ` and why' }),
    values: z.array(shownValue).readonly().meta({ description: 'Of what it compares' }),
  })
  .nullable()
  .meta({ description: 'The smallest part of a condition that decided; null where none did' });
