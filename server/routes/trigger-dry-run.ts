import type { Knex } from 'knex';
import { z } from 'zod';
import type {
  EventScope,
  TriggerAction,
  TriggerDefinition,
  TriggerScope,
} from '../../src/domain/trigger.ts';
import type { Problem } from '../../src/domain/problem.ts';
import { dryRunTrigger } from '../../src/runtime/trigger-dry-run.ts';
import { scopeOf } from '../../src/runtime/trigger-scope.ts';
import { findEvent } from '../../src/store/events.ts';
import { invalid, route } from '../route.ts';
import type { MountableRoute } from '../route.ts';
import { readSampleEvent } from '../sample-event.ts';
import { found, idSchema, instant } from './answers.ts';
import { decisiveSchema } from './decisive-answer.ts';
import { findOwnDefinition, textSchema, toDefinition } from './trigger-text.ts';
import type { RefuseUrl } from './trigger-text.ts';

const input = z.record(z.string(), z.unknown());

const actionSchema = z.union([
  z.object({ kind: z.literal('workflow'), name: z.string(), with: input }),
  z.object({
    kind: z.literal('session'),
    name: z.string(),
    key: z.string().nullable(),
    with: input,
  }),
  z.object({ kind: z.literal('emit'), type: z.string(), with: input }),
  z.object({ kind: z.literal('forward'), url: z.string(), with: input.nullable() }),
]);

const key = z.string().nullable();

const dryRunSchema = z
  .object({
    fires: z.boolean(),
    why: z.string(),
    decisive: decisiveSchema,
    guards: z
      .object({ dedupe: key, debounce: key, concurrency: key, throttle: key, join: key, part: key })
      .nullable()
      .meta({ description: 'The keys under which a run would be guarded' }),
    action: actionSchema.nullable().meta({ description: 'What it would do, evaluated' }),
    failure: z.string().nullable().meta({ description: 'The reason with which a run would fail' }),
    event: z.object({
      id: z.string().nullable().meta({ description: 'null for a sample' }),
      source: z.string(),
      type: z.string(),
      received_at: instant,
    }),
  })
  .meta({ id: 'TriggerDryRun', description: 'What a trigger makes of an event; nothing is done.' });

const aboutFields = {
  event_id: idSchema.optional(),
  sample: z
    .string()
    .max(200)
    .optional()
    .meta({ description: 'As `github/pull_request`: a recorded event of this build' }),
  parts: z
    .record(z.string().max(100), idSchema)
    .optional()
    .meta({ description: 'For a join: the id of the event of each part' }),
};

const newTextSchema = z.strictObject({ text: textSchema, ...aboutFields });
const ownTextSchema = z.strictObject({ text: textSchema.optional(), ...aboutFields });

type About = Pick<z.output<typeof ownTextSchema>, keyof typeof aboutFields>;

export interface TriggerTrialParts {
  readonly db: Knex;
  readonly refuseUrl: RefuseUrl;
}

export function triggerDryRunRoutes(parts: TriggerTrialParts): MountableRoute[] {
  const { db, refuseUrl } = parts;
  return [
    route({
      method: 'post',
      path: '/v1/triggers/dry-run',
      summary: 'Say what a text would make of an event, and why; nothing is done',
      body: newTextSchema,
      answer: dryRunSchema,
      handle: async ({ tenantId, body }) =>
        dryRun(db, tenantId, { definition: toDefinition(body.text, refuseUrl), about: body }),
    }),
    route({
      method: 'post',
      path: '/v1/triggers/{id}/dry-run',
      summary: 'Say what a trigger, or a changed text of it, would make of an event, and why',
      body: ownTextSchema,
      answer: dryRunSchema,
      handle: async (call) => {
        const own = await findOwnDefinition(parts, call, call.body.text);
        return dryRun(db, call.tenantId, { definition: own.definition, about: call.body });
      },
    }),
  ];
}

async function dryRun(
  db: Knex,
  tenantId: string,
  { definition, about }: { readonly definition: TriggerDefinition; readonly about: About },
): Promise<z.input<typeof dryRunSchema>> {
  const scope = await readScope(db, tenantId, { definition, about });
  const { fires, why, decisive, guards, action, failure } = dryRunTrigger(definition, scope);
  const { id, source, type, received_at } = scope.event;
  return {
    fires,
    why,
    decisive,
    guards,
    action: action && toAction(action),
    failure,
    event: { id: about.sample === undefined ? id : null, source, type, received_at },
  };
}

/** @throws Problem `not-found` for an event; `invalid-request` where not exactly one thing is named */
async function readScope(
  db: Knex,
  tenantId: string,
  { definition, about }: { readonly definition: TriggerDefinition; readonly about: About },
): Promise<TriggerScope> {
  const { event_id: eventId, sample, parts } = about;
  const named = [eventId, sample, parts].filter((each) => each !== undefined);
  if (named.length !== 1) {
    const detail = 'Name the event: exactly one of event_id, sample, parts';
    throw invalid([{ pointer: '', detail }]);
  }
  if (eventId !== undefined) return readEvent(db, tenantId, eventId);
  if (sample !== undefined) return readSample(sample);
  return readParts(db, tenantId, { definition, parts: parts ?? {} });
}

async function readEvent(db: Knex, tenantId: string, id: string): Promise<EventScope> {
  const event = found(await findEvent(db, id, tenantId), 'event', id);
  return scopeOf(event, { attempt: 1, isReplay: false });
}

async function readSample(path: string): Promise<EventScope> {
  try {
    return await readSampleEvent(path);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw invalid([{ pointer: '/sample', detail }]);
  }
}

/** The events of a join; the first that came is the event itself. */
async function readParts(
  db: Knex,
  tenantId: string,
  { definition, parts }: { definition: TriggerDefinition; parts: Readonly<Record<string, string>> },
): Promise<TriggerScope> {
  const names = definition.on.flatMap(({ as }) => (as === null ? [] : [as]));
  const refused = (): Problem => {
    const detail =
      names.length === 0 ? 'The trigger is no join' : `Name some of ${names.join(', ')}`;
    return invalid([{ pointer: '/parts', detail }]);
  };
  const scopes: [string, EventScope][] = [];
  for (const [name, id] of Object.entries(parts)) {
    if (!names.includes(name)) throw refused();
    scopes.push([name, await readEvent(db, tenantId, id)]);
  }
  const events = scopes.map(([, scope]) => scope);
  const [first] = events.toSorted((a, b) => compare(a.event.id, b.event.id));
  if (!first) throw refused();
  return { ...first, parts: Object.fromEntries(scopes) };
}

/** Ids carry the instant of their event. */
function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

function toAction(action: TriggerAction): z.input<typeof actionSchema> {
  return action.kind === 'forward'
    ? { ...action, with: action.with && { ...action.with } }
    : { ...action, with: { ...action.with } };
}
