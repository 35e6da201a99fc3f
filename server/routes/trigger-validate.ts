import { z } from 'zod';
import { readText, textSchema } from './trigger-text.ts';
import type { RefuseUrl } from './trigger-text.ts';
import { route } from '../route.ts';
import type { MountableRoute } from '../route.ts';

const validationSchema = z
  .object({
    valid: z.boolean(),
    problems: z.array(
      z.object({
        line: z.int(),
        column: z.int(),
        path: z.string().meta({ description: 'As `do.with.ref`; empty for the whole text' }),
        message: z.string(),
      }),
    ),
    name: z.string().nullable().meta({ description: 'null when the text is not valid' }),
    tests: z.array(z.string()).meta({ description: 'The names of the tests that stand in it' }),
  })
  .meta({ id: 'TriggerValidation', description: 'What is wrong with the text of a trigger.' });

/** @param parts - `refuseUrl` says why an address can't be forwarded to */
export function triggerValidateRoutes(parts: { readonly refuseUrl: RefuseUrl }): MountableRoute[] {
  return [
    route({
      method: 'post',
      path: '/v1/triggers/validate',
      summary: 'Say everything that is wrong with the text of a trigger; nothing is saved',
      body: z.strictObject({ text: textSchema }),
      answer: validationSchema,
      handle: async ({ body }) => validate(body.text, parts.refuseUrl),
    }),
  ];
}

function validate(text: string, refuseUrl: RefuseUrl): z.input<typeof validationSchema> {
  const checked = readText(text, refuseUrl);
  if ('problems' in checked) {
    const problems = checked.problems.map(({ line, column, path, message }) => ({
      line,
      column,
      path,
      message,
    }));
    return { valid: false, problems, name: null, tests: [] };
  }
  const tests = checked.tests.map(({ name }) => name);
  return { valid: true, problems: [], name: checked.definition.name, tests };
}
