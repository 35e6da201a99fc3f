import { z } from 'zod';
import { catalog, customType, nearestEventType } from '../domain/catalog.ts';
import { channelNames } from '../domain/channel.ts';
import { nearest } from '../domain/nearest.ts';
import type { TriggerAction, TriggerDefinition } from '../domain/trigger.ts';
import { compileCondition, ExpressionError } from './expression.ts';
import { checkTemplate } from './template.ts';
import { quote } from './trigger-problems.ts';
import type { TriggerProblem } from './trigger-problems.ts';
import { readTriggerYaml } from './trigger-yaml.ts';
import type { TriggerYaml } from './trigger-yaml.ts';

const sources: readonly string[] = channelNames;

const actionKinds = ['workflow', 'emit'] as const;

/** A type, or its beginning and a star: `pull_request`, `merge_request.*`, `*`. */
const eventsPattern = /^(\*|[A-Za-z0-9_.:/-]{1,128}\*?)$/;

/** As deep as `with` may be, which is also as deep as it is rendered. */
const depthMax = 32;

/** Of the full language; this version has them not. */
const unsupportedKeys: readonly string[] = [
  'dedupe',
  'concurrency',
  'throttle',
  'debounce',
  'timeout',
  'retry',
  'mode',
  'tests',
  'do.session',
  'do.forward',
];

const input = z.record(z.string(), z.unknown(), 'Must be a map');

const schema = z.strictObject({
  trigger: z
    .string()
    .regex(
      /^[a-z0-9][a-z0-9-]{0,62}$/,
      'The name of a trigger is a-z, 0-9 and -, at most 63 characters',
    )
    .refine((name) => !(name in {}), 'The name is reserved'),
  description: z.string().max(1000).optional(),
  on: z.strictObject({
    source: z.string(),
    events: z
      .array(
        z
          .string()
          .regex(eventsPattern, 'Is no event type or pattern: write push, merge_request.* or *'),
      )
      .min(1, 'The list events is empty: it needs at least one'),
  }),
  when: z.string().optional(),
  do: z.strictObject({
    workflow: z.string().optional(),
    emit: z.string().optional(),
    with: input.optional(),
  }),
  with: input.optional(),
});

type Content = z.infer<typeof schema>;

/** The parts that hold expressions, whatever else is wrong. */
const expressionsSchema = z.object({
  when: z.string().optional().catch(undefined),
  do: z.object({ with: z.unknown().optional() }).catch({}),
  with: z.unknown().optional(),
});

export type CheckedTriggerFile =
  | { readonly definition: TriggerDefinition }
  | { readonly problems: readonly TriggerProblem[] };

/** A mistake at a path of the document; a number counts into the text there. */
interface Mistake {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly offset?: number | 'key';
}

/**
 * Read and check one trigger file. All mistakes are reported together.
 *
 * @param file - the name for messages
 * @param automations - the workflows that `do.workflow` may name
 */
export function checkTriggerFile(
  file: string,
  bytes: Buffer,
  automations: readonly string[],
): CheckedTriggerFile {
  const yaml = readTriggerYaml(file, bytes);
  if ('problems' in yaml) return yaml;
  const { value } = yaml;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return report(file, yaml, [{ path: [], message: 'A trigger is a map: trigger, on, do' }]);
  }
  const parsed = schema.safeParse(value, { reportInput: true });
  const mistakes = [
    ...(parsed.success
      ? findMistakes(parsed.data, automations)
      : parsed.error.issues.flatMap(toMistakes)),
    ...findExpressionMistakes(value),
    ...findPrototypeKeys(value, []),
  ];
  if (!parsed.success || mistakes.length > 0) return report(file, yaml, mistakes);
  return { definition: toDefinition(parsed.data) };
}

function report(file: string, yaml: TriggerYaml, mistakes: readonly Mistake[]): CheckedTriggerFile {
  const problems = mistakes.map(({ path, message, offset }) => ({
    file,
    ...yaml.positionOf(path, offset),
    path: path.map(String).join('.'),
    message,
  }));
  return { problems: problems.toSorted((a, b) => a.line - b.line || a.column - b.column) };
}

function toMistakes(issue: z.core.$ZodIssue): Mistake[] {
  const { path } = issue;
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: [...path, key],
      message: unknownKey(key, path),
      offset: 'key' as const,
    }));
  }
  if (issue.code === 'invalid_type') {
    const name = path.map(String).join('.');
    const isMissing = issue.input === undefined;
    const message = isMissing ? 'is required and missing' : `must be ${wordFor(issue.expected)}`;
    return [{ path, message: `${name} ${message}` }];
  }
  return [{ path, message: issue.message }];
}

/** The words of YAML for what a value must be. */
function wordFor(expected: string): string {
  if (expected === 'object' || expected === 'record') return 'a map';
  return expected === 'array' ? 'a list' : `a ${expected} (in quotes, when it looks like another)`;
}

const keysOf = new Map<string, readonly string[]>([
  ['', Object.keys(schema.shape)],
  ['on', Object.keys(schema.shape.on.shape)],
  ['do', Object.keys(schema.shape.do.shape)],
]);

function unknownKey(key: string, path: readonly PropertyKey[]): string {
  if (unsupportedKeys.includes([...path.map(String), key].join('.'))) {
    return `The key "${key}" is not supported by this version`;
  }
  const known = keysOf.get(path.map(String).join('.')) ?? [];
  const meant = nearest(key, known);
  const hint = meant === undefined ? `there are ${known.join(', ')}` : `did you mean "${meant}"?`;
  return `Unknown key ${quote(key)}: ${hint}`;
}

function findMistakes(content: Content, automations: readonly string[]): Mistake[] {
  return [
    ...findSource(content),
    ...findAction(content, automations),
    ...(content.with && content.do.with
      ? [{ path: ['with'], message: 'Write "with" once: here, or under do' }]
      : []),
  ];
}

function findSource({ on }: Content): Mistake[] {
  if (sources.includes(on.source)) return [];
  const meant = nearest(on.source, sources);
  const hint = meant === undefined ? `there are ${sources.join(', ')}` : `did you mean "${meant}"?`;
  return [{ path: ['on', 'source'], message: `Unknown source ${quote(on.source)}: ${hint}` }];
}

function findAction({ do: action }: Content, automations: readonly string[]): Mistake[] {
  const { workflow, emit } = action;
  if ((workflow === undefined) === (emit === undefined)) {
    return [{ path: ['do'], message: `Needs exactly one of ${actionKinds.join(', ')}` }];
  }
  if (workflow !== undefined && !automations.includes(workflow)) {
    const meant = nearest(workflow, automations) ?? automations.join(', ');
    return [
      {
        path: ['do', 'workflow'],
        message: `There is no automation ${quote(workflow)}; there is ${meant}`,
      },
    ];
  }
  if (emit === undefined) return [];
  if (Object.hasOwn(catalog, emit) || customType.test(emit)) return [];
  const meant = nearestEventType(emit) ?? 'custom.* and the catalog';
  return [
    { path: ['do', 'emit'], message: `${quote(emit)} is not in the catalog; known: ${meant}` },
  ];
}

function findExpressionMistakes(value: unknown): Mistake[] {
  const { when, with: outer, do: action } = expressionsSchema.parse(value);
  return [
    ...(when === undefined ? [] : caught(['when'], () => compileCondition(when))),
    ...findTemplates(outer, ['with']),
    ...findTemplates(action.with, ['do', 'with']),
  ];
}

function findTemplates(value: unknown, path: readonly PropertyKey[]): Mistake[] {
  if (typeof value === 'string') return caught(path, () => checkTemplate(value));
  if (path.length > depthMax) return [{ path, message: `Nested deeper than ${depthMax}` }];
  if (!isJson(value)) return [{ path, message: 'Is no JSON value: NaN, infinity, binary or set' }];
  if (Array.isArray(value))
    return value.flatMap((item, index) => findTemplates(item, [...path, index]));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => findTemplates(item, [...path, key]));
}

/** One level of it: `.nan`, `!!binary` and `!!set` are YAML, but no JSON. */
function isJson(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return true;
  return Object.getPrototypeOf(value) === Object.prototype;
}

function caught(path: readonly PropertyKey[], act: () => unknown): Mistake[] {
  try {
    act();
    return [];
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return [
      { path, message: `${path.map(String).join('.')}: ${error.message}`, offset: error.offset },
    ];
  }
}

function findPrototypeKeys(value: unknown, path: readonly PropertyKey[]): Mistake[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.keys(value).flatMap((key) => {
    const here = [...path, key];
    const own =
      key === '__proto__'
        ? [{ path: here, message: 'The key "__proto__" is not allowed', offset: 'key' as const }]
        : [];
    return [...own, ...findPrototypeKeys(Reflect.get(value, key), here)];
  });
}

/** Whether an event type is one of a pattern's. */
export function matchesType(pattern: string, type: string): boolean {
  return pattern.endsWith('*') ? type.startsWith(pattern.slice(0, -1)) : pattern === type;
}

function toDefinition(content: Content): TriggerDefinition {
  return {
    name: content.trigger,
    description: content.description ?? null,
    source: content.on.source,
    events: content.on.events,
    when: content.when ?? null,
    action: toAction(content),
  };
}

function toAction({ do: { workflow, emit, with: inner }, with: outer }: Content): TriggerAction {
  const values = inner ?? outer ?? {};
  if (workflow !== undefined) return { kind: 'workflow', name: workflow, with: values };
  return { kind: 'emit', type: emit ?? '', with: values };
}
