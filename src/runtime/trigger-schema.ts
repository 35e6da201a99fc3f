import { z } from 'zod';
import { channelNames } from '../domain/channel.ts';
import { onBusyChoices } from '../domain/trigger.ts';
import { durationMs, durationPattern, durationText } from '../domain/duration.ts';

/**
 * The form of a trigger file: types, limits and the text that editors show for each key. Every
 * message is the end of a sentence that begins with the key: "must be …".
 */

const durationMaxMs = 30 * 86_400_000;
const durationHint = 'must be a duration such as 10m: a whole number and ms, s, m, h or d';

const duration = z
  .string({ error: ({ input }) => (input === undefined ? undefined : durationHint) })
  .regex(durationPattern, { error: durationHint, abort: true })
  .refine(
    (text) => {
      const ms = durationMs(text) ?? 0;
      return ms > 0 && ms <= durationMaxMs;
    },
    `must be more than 0 and at most ${durationText(durationMaxMs)}`,
  )
  .transform((text) => durationMs(text) ?? 0);

/** Of triggers and of sessions: names become parts of addresses and ids. */
const name = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9-]{0,62}$/,
    'must be a name of a-z, 0-9 and -, which does not begin with -, at most 63 characters',
  )
  .refine((text) => !(text in {}), 'is a reserved name');

/** What CEL reads as something else than a variable, and what is one already. */
const reservedWords: readonly string[] = [
  'event body headers query true false null in as break const continue else for function if import',
  'let loop package namespace return var void while bool bytes double int list map uint string',
  'null_type type google dyn',
].flatMap((words) => words.split(' '));

const partName = z
  .string()
  .regex(
    /^[A-Za-z_][A-Za-z0-9_]{0,31}$/,
    'must be a name of letters, digits and _, which does not begin with a digit, at most 32 characters',
  )
  .refine(
    (text) => !reservedWords.includes(text) && !(text in {}),
    'is a reserved name: expressions have another use for it',
  );

const expression = z.string();

const key = expression.describe(
  'A CEL expression: events for which it gives the same have one key.',
);

const count = (max: number): z.ZodInt => z.int().min(1).max(max);

const input = z.record(z.string(), z.unknown());

/** A type, or its beginning and a star: `pull_request`, `merge_request.*`, `*`. */
const eventPattern = z
  .string()
  .regex(
    /^(\*|[A-Za-z0-9_.:/-]{1,128}\*?)$/,
    'must be an event type or a pattern: write push, merge_request.* or *',
  );

/** Where events come from: the channels, and this platform itself. */
export const eventSources: readonly string[] = [...channelNames, 'events'];

const source = z
  .string()
  .meta({ enum: eventSources })
  .describe('A channel, or `events` for what this platform publishes.');

const events = z
  .array(eventPattern)
  .min(1)
  .max(100)
  .describe('Event types, or patterns that end in a star: `push`, `merge_request.*`, `*`.');

const pattern = z.strictObject({ source, events });

const part = z.strictObject({
  source,
  events,
  as: partName.describe('The name of this event: a variable in `when` and `with`.'),
  when: expression.optional().describe('A CEL expression on this event alone.'),
});

const join = z.strictObject({
  all: z.array(part).min(2).max(5).describe('The events that must all come, with their names.'),
  by: z
    .record(z.string(), expression)
    .describe('For each name a CEL expression: events that give the same belong together.'),
  within: duration.describe('How long after the first the last may come: `2h`.'),
});

/** What a trigger may do. */
export const actionKinds = ['workflow', 'session', 'emit', 'forward'] as const;

const action = z
  .strictObject({
    workflow: z.string().min(1).max(128).optional().describe('The automation to start.'),
    session: name.optional().describe('The kind of session to open, or to continue by `key`.'),
    emit: z
      .string()
      .optional()
      .describe('The event to publish: a type of the catalog, or of your own under `custom.`.'),
    forward: z
      .string()
      .max(4096)
      .optional()
      .describe('The address to POST to; after its host it may hold `${{ … }}`.'),
    key: expression
      .optional()
      .describe('With `session`: a CEL expression; events with one key reach one session.'),
    with: input.optional().describe('What the action gets; may stand beside `do` instead.'),
  })
  .meta({
    oneOf: actionKinds.map((kind) => ({ required: [kind] })),
  });

const texts = z.record(z.string(), z.string());

const inlineEvent = z.strictObject({
  source: z.string().optional().describe('Default: the source that `on` names.'),
  type: z.string().min(1).max(128).describe('The event type.'),
  body: z.unknown().optional().describe('What came: any value. Default: null.'),
  headers: texts.optional().describe('With names in lower case.'),
  query: texts.optional().describe('The parameters of the address.'),
});

const testEvent = z.union([
  z
    .string()
    .regex(
      /^[a-z]+\/[A-Za-z0-9_.-]{1,128}$/,
      'must be a sample as github/pull_request.json, or a map with type and body',
    ),
  inlineEvent,
]);

const test = z.strictObject({
  name: z.string().min(1).max(200).describe('What it shows, as a sentence.'),
  event: testEvent.optional().describe('A sample (`github/push.json`) or an event in place.'),
  events: z
    .record(z.string(), testEvent)
    .optional()
    .describe('Where `on` has `all`: an event for each name, the first that comes first.'),
  expect: z
    .strictObject({
      fires: z.boolean().describe('Whether the trigger acts.'),
      with: input.optional().describe('What `with` holds then, at least.'),
      why: z.string().min(1).optional().describe('A text that the reason contains.'),
    })
    .describe('What must come out.'),
});

export const triggerSchema = z
  .strictObject({
    trigger: name.describe('The name of the trigger: `a-z`, `0-9`, `-`, at most 63 characters.'),
    description: z.string().max(1000).optional().describe('What it is for.'),
    on: z
      .union([pattern, z.array(pattern).min(1).max(20), join])
      .describe('The events it is about: one map, a list of them, or `all` of several by a key.'),
    when: expression
      .optional()
      .describe('A CEL expression that gives a bool. Default: every such event matches.'),
    dedupe: z
      .strictObject({
        key,
        for: duration.default(86_400_000).describe('How long a key is remembered. Default: `24h`.'),
      })
      .optional()
      .describe('Of events with one key only the first starts something.'),
    debounce: z
      .strictObject({
        key: key.optional(),
        for: duration.describe('How long it must be quiet: `20s`.'),
      })
      .optional()
      .describe('Of events in quick succession only the last starts something.'),
    concurrency: z
      .strictObject({
        key: key.optional(),
        limit: count(1000).default(1).describe('How many runs of one key at a time. Default: 1.'),
        on_busy: z
          .enum(onBusyChoices)
          .default('queue')
          .describe('What becomes of one more: it waits, is skipped, or replaces those before.'),
      })
      .optional()
      .describe('How many runs there are at a time.'),
    throttle: z
      .strictObject({
        key: key.optional(),
        limit: count(10_000).describe('How many runs of one key begin within the time.'),
        per: duration.describe('The time: `1m`.'),
      })
      .optional()
      .describe('How many runs begin in a time; the others wait.'),
    do: action.describe('Exactly one of `workflow`, `session`, `emit`, `forward`.'),
    with: input
      .optional()
      .describe('What the action gets: a text may hold `${{ … }}` with a CEL expression.'),
    timeout: duration.optional().describe('For each attempt of the action: `30m`.'),
    retry: z
      .strictObject({
        attempts: count(20).describe('How many there are, with the first.'),
        backoff: duration
          .default(30_000)
          .describe('The wait before the second, doubled before each further one. Default: `30s`.'),
      })
      .optional()
      .describe('What happens when the action fails.'),
    mode: z
      .enum(['active', 'shadow'])
      .default('active')
      .describe('`shadow`: it is evaluated and recorded, and does not act.'),
    tests: z.array(test).max(100).default([]).describe('Events, and what must come out of each.'),
  })
  .describe('A trigger of Durahook: which events start what.');

/** A file that has the right form. */
export type TriggerContent = z.infer<typeof triggerSchema>;

/** The parts of a file that are of the right form, whatever else is wrong with it. */
export const soundPartsSchema = z.object({
  on: triggerSchema.shape.on.optional().catch(undefined),
  do: triggerSchema.shape.do.optional().catch(undefined),
  with: triggerSchema.shape.with.optional().catch(undefined),
  tests: triggerSchema.shape.tests.optional().catch(undefined),
});

export type SoundParts = z.infer<typeof soundPartsSchema>;

/** A test as it is written in a trigger file. */
export type TriggerTest = TriggerContent['tests'][number];

/** An event of a test: the address of a sample, or the event itself. */
export type TriggerTestEvent = z.infer<typeof testEvent>;

/** The keys that may stand in the map at a path; none where anything may. */
export function keysAt(path: readonly PropertyKey[]): string[] {
  return keysIn(triggerSchema, path);
}

function keysIn(schema: unknown, path: readonly PropertyKey[]): string[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) {
    return keysIn(schema.unwrap(), path);
  }
  if (schema instanceof z.ZodUnion) return schema.options.flatMap((one) => keysIn(one, path));
  const [first, ...rest] = path;
  if (schema instanceof z.ZodArray) return keysIn(schema.element, rest);
  if (schema instanceof z.ZodRecord) return keysIn(schema.valueType, rest);
  if (!(schema instanceof z.ZodObject)) return [];
  return first === undefined
    ? Object.keys(schema.shape)
    : keysIn(schema.shape[String(first)], rest);
}
