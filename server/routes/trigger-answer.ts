import { z } from 'zod';
import { onBusyChoices } from '../../src/domain/trigger.ts';
import type { TriggerAction, TriggerDefinition } from '../../src/domain/trigger.ts';
import { countedRunsMax } from '../../src/store/trigger-runs.ts';
import type { RunCounts } from '../../src/store/trigger-runs.ts';
import type { TriggerWithDefinition } from '../../src/store/triggers.ts';
import { instant } from './answers.ts';
import { definitionOf } from './trigger-text.ts';

const patternSchema = z.object({
  source: z.string(),
  events: z.array(z.string()),
  as: z.string().nullable().meta({ description: 'Its name in a join' }),
});

/** Each kind has a name of its own for what it acts on. */
const actionHeadSchema = z.union([
  z.object({ kind: z.enum(['workflow', 'session']), name: z.string() }),
  z.object({ kind: z.literal('emit'), type: z.string() }),
  z.object({ kind: z.literal('forward'), url: z.string() }),
]);

const key = z.string().nullable();
const seconds = z.number();

/** What a definition says, but for its expressions of `when` and `with`. */
const saidFields = {
  description: z.string().nullable(),
  on: z.array(patternSchema),
  join: z.object({ by: z.record(z.string(), z.string()), within_s: seconds }).nullable(),
  action: actionHeadSchema.nullable(),
  dedupe: z.object({ key: z.string(), for_s: seconds }).nullable(),
  debounce: z.object({ key, for_s: seconds }).nullable(),
  concurrency: z.object({ key, limit: z.int(), on_busy: z.enum(onBusyChoices) }).nullable(),
  throttle: z.object({ key, limit: z.int(), per_s: seconds }).nullable(),
  timeout_s: seconds.nullable(),
  retry: z.object({ attempts: z.int(), backoff_s: seconds }).nullable(),
  mode: z.enum(['active', 'shadow']),
};

const saidSchema = z.object(saidFields);

export const triggerSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    origin: z.enum(['file', 'api']),
    file: z.string().nullable(),
    revision: z.int(),
    is_active: z.boolean(),
    quarantine: z.string().nullable().meta({ description: 'Why the platform holds it' }),
    problem: z.string().nullable(),
    ...saidFields,
    created_at: instant,
    runs_24h: z
      .int()
      .meta({ description: `Of the last 24 hours; counted up to ${countedRunsMax}` }),
    failures_24h: z.int().meta({ description: 'Of those, the failed ones' }),
    last_run_at: instant.nullable(),
  })
  .meta({ id: 'Trigger', description: 'One YAML text: which events start what.' });

export const triggerWithTextSchema = triggerSchema
  .extend({
    text: z.string().nullable().meta({ description: 'As the current revision has it' }),
  })
  .meta({ id: 'TriggerWithText', description: 'A trigger with its text.' });

export function toTrigger(
  row: TriggerWithDefinition,
  counts: RunCounts | undefined,
): z.input<typeof triggerSchema> {
  const { id, name, file, revision, is_active, quarantine, problem } = row;
  const definition = definitionOf(row);
  return {
    id,
    name,
    origin: file === null ? 'api' : 'file',
    file,
    revision,
    is_active,
    quarantine,
    problem,
    ...(definition ? toSaid(definition) : nothingSaid),
    created_at: row.created_at.toISOString(),
    runs_24h: counts?.runs ?? 0,
    failures_24h: counts?.failures ?? 0,
    last_run_at: counts?.lastRunAt?.toISOString() ?? null,
  };
}

type Said = z.input<typeof saidSchema>;

/** Of a file that was never good. */
const nothingSaid: Said = {
  description: null,
  on: [],
  join: null,
  action: null,
  dedupe: null,
  debounce: null,
  concurrency: null,
  throttle: null,
  timeout_s: null,
  retry: null,
  mode: 'active',
};

function toSaid(definition: TriggerDefinition): Said {
  const { description, on, join, timeoutMs, retry, mode } = definition;
  return {
    description,
    on: on.map(({ source, events, as }) => ({ source, events: [...events], as })),
    join: join && { by: { ...join.by }, within_s: join.withinMs / 1000 },
    action: toActionHead(definition.action),
    ...toGuards(definition),
    timeout_s: timeoutMs === null ? null : timeoutMs / 1000,
    retry: retry && { attempts: retry.attempts, backoff_s: retry.backoffMs / 1000 },
    mode,
  };
}

function toGuards({
  dedupe,
  debounce,
  concurrency,
  throttle,
}: TriggerDefinition): Pick<Said, 'dedupe' | 'debounce' | 'concurrency' | 'throttle'> {
  return {
    dedupe: dedupe && { key: dedupe.key, for_s: dedupe.forMs / 1000 },
    debounce: debounce && { key: debounce.key, for_s: debounce.forMs / 1000 },
    concurrency: concurrency && {
      key: concurrency.key,
      limit: concurrency.limit,
      on_busy: concurrency.onBusy,
    },
    throttle: throttle && {
      key: throttle.key,
      limit: throttle.limit,
      per_s: throttle.perMs / 1000,
    },
  };
}

function toActionHead(action: TriggerAction): z.input<typeof actionHeadSchema> {
  if (action.kind === 'emit') return { kind: action.kind, type: action.type };
  if (action.kind === 'forward') return { kind: action.kind, url: action.url };
  return { kind: action.kind, name: action.name };
}
