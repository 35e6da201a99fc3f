import type { Knex } from 'knex';
import { z } from 'zod';
import { setDiscarded, setRedriven } from '../../src/store/dead-letter-settling.ts';
import { route } from '../route.ts';
import type { MountableRoute } from '../route.ts';
import { deadLetterSchema } from './dead-letter-answer.ts';
import { deadLetterCursorText, deadLetterFilterFields, wordsOf } from './dead-letter-filter.ts';
import { callMax, previewSettling, settle } from './dead-letter-settlement.ts';
import type { SettleBody } from './dead-letter-settlement.ts';

/** How a bulk names what it is about. */
type Naming = Pick<SettleBody, 'ids' | 'confirm' | 'cursor'> & {
  readonly filter?: object | undefined;
};

export const idsField = z
  .array(z.string().max(120))
  .min(1, 'Name 1 to 1,000')
  .max(callMax, 'Name 1 to 1,000')
  .optional();

export const confirmField = z
  .int()
  .min(0)
  .optional()
  .meta({ description: 'What the dry run matched; needed above 1,000' });

const settleFields = {
  ids: idsField,
  filter: z
    .strictObject({
      ...deadLetterFilterFields,
      state: z.literal('open', 'Only open ones are settled').optional(),
    })
    .optional()
    .meta({ description: 'As in the list; `{}` names every open one' }),
  confirm: confirmField,
  cursor: deadLetterCursorText,
  dry_run: z.boolean().default(false),
};

const redriveSchema = z
  .strictObject({
    ...settleFields,
    reason: wordsOf(500).optional().meta({ description: 'Why they may succeed now' }),
  })
  .check(namesThem);

const discardSchema = z
  .strictObject({
    ...settleFields,
    reason: wordsOf(500).meta({ description: 'Why nobody needs them any more' }),
  })
  .check(namesThem);

/** They are named by their ids or by a filter, and only a filter is confirmed and goes on. */
export function namesThem({ value, issues }: z.core.ParsePayload<Naming>): void {
  const refuse = (field: keyof Naming, message: string): void => {
    issues.push({ code: 'custom', input: value, path: [field], message });
  };
  if (value.ids === undefined && value.filter === undefined) refuse('ids', 'Name ids or a filter');
  if (value.filter === undefined) {
    if (value.confirm !== undefined) refuse('confirm', 'Only a filter is confirmed');
    if (value.cursor !== undefined) refuse('cursor', 'Only a filter has pages');
  } else if (value.ids !== undefined) refuse('ids', 'Name either ids or a filter');
}

const settledFields = {
  matched: z.int().meta({ description: 'Open ones, when this call began' }),
  remaining: z.int().meta({ description: 'Of those matched, what is left for the next call' }),
  next_cursor: z.string().nullable().meta({ description: 'For the next call; null at the end' }),
};

function resultsOf<S extends string>(done: S) {
  return z
    .array(
      z.object({
        id: z.string(),
        state: z.enum([done, 'refused']),
        reason: z.string().optional(),
      }),
    )
    .meta({ description: 'One per id, in the order given; of a filter oldest first' });
}

const previewSchema = z
  .object({ matched: z.int(), sample: z.array(deadLetterSchema) })
  .meta({ id: 'DeadLetterPreview', description: 'A dry run: nothing is changed.' });

const redrivenSchema = z
  .object({ ...settledFields, redriven: z.int(), results: resultsOf('redriven') })
  .meta({ id: 'Redrive' });

const discardedSchema = z
  .object({ ...settledFields, discarded: z.int(), results: resultsOf('discarded') })
  .meta({ id: 'Discard' });

export function settlingRoutes(db: Knex, wake: () => void): MountableRoute[] {
  return [redriveRoute(db, wake), discardRoute(db)];
}

function redriveRoute(db: Knex, wake: () => void): MountableRoute {
  return route({
    method: 'post',
    path: '/v1/dead-letters/redrive',
    summary: 'Send dead letters again, each once; with `dry_run` only count them (200)',
    body: redriveSchema,
    answer: redrivenSchema,
    preview: previewSchema,
    status: 202,
    handle: async (call) => {
      if (call.body.dry_run) return previewSettling(db, call);
      const { reason } = call.body;
      const { results, ...settled } = await settle(db, call, {
        state: 'redriven',
        run: (tx, letters) => setRedriven(tx, letters, { by: call.actor, reason: reason ?? null }),
        ...(reason !== undefined && { reason }),
      });
      const redriven = results.filter(({ state }) => state === 'redriven').length;
      if (redriven > 0) wake();
      return { ...settled, redriven, results };
    },
    head: (answer) => ({ status: 'sample' in answer ? 200 : 202 }),
  });
}

function discardRoute(db: Knex): MountableRoute {
  return route({
    method: 'post',
    path: '/v1/dead-letters/discard',
    summary: 'Settle dead letters without sending them; with `dry_run` only count them',
    body: discardSchema,
    answer: z.union([discardedSchema, previewSchema]),
    handle: async (call) => {
      if (call.body.dry_run) return previewSettling(db, call);
      const { reason } = call.body;
      const { results, ...settled } = await settle(db, call, {
        state: 'discarded',
        run: (tx, letters) => setDiscarded(tx, letters, { by: call.actor, reason }),
        reason,
      });
      const discarded = results.filter(({ state }) => state === 'discarded').length;
      return { ...settled, discarded, results };
    },
  });
}
