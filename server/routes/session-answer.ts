import { z } from 'zod';
import { currencySchema } from '../../src/domain/budget.ts';
import { catalog } from '../../src/domain/catalog.ts';
import {
  entryKinds,
  keyMax,
  nameMax,
  refuseText,
  sessionStates,
  userIdMax,
} from '../../src/domain/session.ts';
import type { SessionEntryRow, SessionRow } from '../../src/store/session-tables.ts';
import { instant } from './answers.ts';

/** Text that a column can hold. */
export const text = (max: number) =>
  z.string().check((context) => {
    const message = refuseText(context.value, max);
    if (message !== undefined)
      context.issues.push({ code: 'custom', input: context.value, message });
  });

export const sessionStateSchema = z.enum(sessionStates);
export const entryKindSchema = z.enum(entryKinds);
export const nameSchema = text(nameMax);
export const keySchema = text(keyMax);
export const userIdSchema = text(userIdMax);

export const sessionSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    key: z.string().nullable(),
    user_id: z.string(),
    state: sessionStateSchema,
    run_id: z.string().nullable().meta({ description: 'The trigger run that opened it' }),
    event_id: z.string().nullable().meta({ description: 'The event of that run' }),
    input: z.unknown().meta({ description: 'What the agent was started with' }),
    entry_count: z.int(),
    cost: z.number().nullable(),
    currency: z.string().nullable(),
    artifacts: z.array(z.unknown()).nullable(),
    failure: z.string().nullable().meta({ description: 'Why it was finished without a result' }),
    created_at: instant,
    last_active_at: instant.meta({ description: 'Of its last entry' }),
    finished_at: instant.nullable(),
    archived_at: instant.nullable(),
  })
  .meta({ id: 'Session', description: 'An agent at work for somebody.' });

export type SessionAnswer = z.input<typeof sessionSchema>;

export function toSessionAnswer(row: SessionRow): SessionAnswer {
  const { id, name, key, user_id, state, run_id, event_id, input, entry_count, cost } = row;
  return {
    id,
    name,
    key,
    user_id,
    state,
    run_id,
    event_id,
    input,
    entry_count,
    cost: cost === null ? null : Number(cost),
    currency: row.currency,
    artifacts: row.artifacts,
    failure: row.failure,
    created_at: row.created_at.toISOString(),
    last_active_at: row.last_active_at.toISOString(),
    finished_at: row.finished_at?.toISOString() ?? null,
    archived_at: row.archived_at?.toISOString() ?? null,
  };
}

export const entrySchema = z
  .object({
    number: z.int().meta({ description: 'From 1, in the order in which entries were committed' }),
    kind: entryKindSchema,
    id: z.string().nullable().meta({ description: "The agent's own, of what it reported" }),
    event_id: z
      .string()
      .nullable()
      .meta({ description: 'The event that reached the session, or the one that it published' }),
    data: z.unknown(),
    at: instant,
    told_at: instant.nullable().meta({ description: 'Of an event: when the agent answered it' }),
  })
  .meta({
    id: 'SessionEntry',
    description: 'Something that was said to a session, or that it did.',
  });

export type EntryAnswer = z.input<typeof entrySchema>;

export function toEntryAnswer(row: SessionEntryRow): EntryAnswer {
  const { number, kind, report_id: id, event_id, data } = row;
  const told_at = row.told_at?.toISOString() ?? null;
  return { number, kind, id, event_id, data, at: row.at.toISOString(), told_at };
}

const reportIdSchema = text(200).meta({
  description: "The agent's own: a report that is repeated under it is the same report",
});

/** What the catalog says of `agent.step`, with the report's id. */
export const stepSchema = catalog['agent.step'].data
  .omit({ session_id: true })
  .extend({ id: reportIdSchema });

const calledFields = catalog['tool.called'].data.shape;

/** Strict: arguments under a name that we do not know would be published and kept. */
export const toolSchema = z
  .strictObject({
    id: reportIdSchema,
    tool_name: calledFields.tool_name,
    args: z.unknown().optional().meta({ description: 'Hashed, and not kept' }),
    args_hash: calledFields.args_hash.max(200).optional(),
    error: catalog['tool.error'].data.shape.error.optional(),
  })
  .refine(({ args, args_hash }) => (args === undefined) !== (args_hash === undefined), {
    path: ['args'],
    error: 'Give one of args and args_hash',
  });

/** In bytes, as JSON: Temporal takes at most 2 MiB of what an automation gets from its session. */
const artifactsMax = 1_048_576;
const tooLarge = `Must be at most ${artifactsMax} bytes of JSON, with numbers written out`;

/** A body within its cap may be larger here: `1e20` is kept as 21 digits. */
function isSmall(artifacts: readonly unknown[]): boolean {
  return Buffer.byteLength(JSON.stringify(artifacts)) <= artifactsMax;
}

/** Above it, sums in six decimals are no longer exact. */
const costMax = 1e9;

export const finishSchema = z.strictObject({
  cost: z.number().min(0).max(costMax),
  currency: currencySchema.optional(),
  artifacts: z.array(z.unknown()).max(1000).refine(isSmall, tooLarge).optional(),
});
