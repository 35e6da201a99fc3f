import { z } from 'zod';
import { triggerSchema } from './trigger-schema.ts';

/** The JSON Schema of a trigger file, for the completion of editors. It can't tell all that a check does. */
export function triggerJsonSchema(): Readonly<Record<string, unknown>> {
  const { $schema, ...rest } = z.toJSONSchema(triggerSchema, {
    io: 'input',
    target: 'draft-7', // What the YAML support of editors knows whole.
  });
  return { $schema, title: 'Durahook trigger', ...rest };
}
