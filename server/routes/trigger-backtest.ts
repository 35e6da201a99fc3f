import type { Knex } from 'knex';
import { z } from 'zod';
import { backtestTrigger } from '../../src/runtime/trigger-backtest.ts';
import type { Backtest, BacktestRequest, Difference } from '../../src/runtime/trigger-backtest.ts';
import { findTrigger, findTriggerNamed } from '../../src/store/triggers.ts';
import { invalid, route } from '../route.ts';
import type { MountableRoute } from '../route.ts';
import { instant, moment } from './answers.ts';
import { decisiveSchema } from './decisive-answer.ts';
import type { TriggerTrialParts } from './trigger-dry-run.ts';
import { triggerRunStateSchema } from './trigger-runs.ts';
import { definitionOf, findOwnDefinition, textSchema, toDefinition } from './trigger-text.ts';

/** What may be looked at in one answer. */
const spanMaxMs = 30 * 86_400_000;

const backtestSchema = z
  .object({
    trigger_id: z
      .string()
      .nullable()
      .meta({ description: 'Whose runs it is held against; null = the name is new' }),
    from: instant,
    to: instant,
    events: z.int().meta({ description: 'Looked at: those of the sources of the trigger' }),
    would_fire: z.int(),
    fired: z.int(),
    both: z.int(),
    only_would: z.int(),
    only_did: z.int(),
    failures: z.int().meta({ description: 'Of `would_fire`: an expression has no value' }),
    skipped_large: z
      .int()
      .meta({ description: 'Over 1 MiB: not judged, and counted nowhere else' }),
    is_cut: z.boolean().meta({ description: 'The earliest events were not looked at' }),
    differences: z
      .array(
        z.object({
          event_id: z.string(),
          event_type: z.string(),
          received_at: instant,
          would: z.boolean(),
          did: z.object({ run_id: z.string(), state: triggerRunStateSchema }).nullable(),
          why: z.string(),
          decisive: decisiveSchema,
        }),
      )
      .meta({ description: 'The newest hundred' }),
  })
  .meta({
    id: 'TriggerBacktest',
    description: 'What a trigger would have made of events, against the runs that there are.',
  });

const frameFields = { from: moment, to: moment.optional() };

export function triggerBacktestRoutes(
  parts: TriggerTrialParts & { readonly now: () => Date },
): MountableRoute[] {
  const { db, refuseUrl, now } = parts;
  return [
    route({
      method: 'post',
      path: '/v1/triggers/backtest',
      summary: 'Say what a text would have made of the events of a timeframe; nothing is done',
      body: z.strictObject({ text: textSchema, ...frameFields }),
      answer: backtestSchema,
      handle: async ({ tenantId, body }) => {
        const frame = toFrame(body, now());
        const definition = toDefinition(body.text, refuseUrl);
        const trigger = await findNamed(db, tenantId, definition.name);
        return toAnswer(db, { tenantId, definition, trigger, ...frame });
      },
    }),
    route({
      method: 'post',
      path: '/v1/triggers/{id}/backtest',
      summary: 'The same for a trigger, or a changed text of it, against its runs',
      body: z.strictObject({ text: textSchema.optional(), ...frameFields }),
      answer: backtestSchema,
      handle: async (call) => {
        const { tenantId, body } = call;
        const frame = toFrame(body, now());
        const { definition, trigger } = await findOwnDefinition(parts, call, body.text);
        const own = { id: trigger.id, definition: definitionOf(trigger) };
        return toAnswer(db, { tenantId, definition, trigger: own, ...frame });
      },
    }),
  ];
}

/** @throws Problem `invalid-request` with what to change */
function toFrame(
  body: { readonly from: string; readonly to?: string | undefined },
  now: Date,
): { from: Date; to: Date } {
  const from = new Date(body.from);
  const to = body.to === undefined ? now : new Date(body.to);
  const spanMs = to.getTime() - from.getTime();
  if (spanMs <= 0) {
    const pointer = body.to === undefined ? '/from' : '/to';
    const detail = body.to === undefined ? 'Must not be in the future' : 'Must be after `from`';
    throw invalid([{ pointer, detail }]);
  }
  if (spanMs > spanMaxMs) {
    throw invalid([{ pointer: '/from', detail: 'Must be at most 30 days before `to`' }]);
  }
  return { from, to };
}

async function findNamed(
  db: Knex,
  tenantId: string,
  name: string,
): Promise<BacktestRequest['trigger']> {
  const row = await findTriggerNamed(db, tenantId, name);
  const trigger = row && (await findTrigger(db, row.id, tenantId));
  return trigger && { id: trigger.id, definition: definitionOf(trigger) };
}

async function toAnswer(
  db: Knex,
  request: BacktestRequest,
): Promise<z.input<typeof backtestSchema>> {
  const told: Backtest = await backtestTrigger(db, request);
  return {
    trigger_id: request.trigger?.id ?? null,
    from: request.from.toISOString(),
    to: request.to.toISOString(),
    events: told.events,
    would_fire: told.wouldFire,
    fired: told.fired,
    both: told.both,
    only_would: told.onlyWould,
    only_did: told.onlyDid,
    failures: told.failures,
    skipped_large: told.skippedLarge,
    is_cut: told.isCut,
    differences: told.differences.map(toDifference),
  };
}

function toDifference({
  event,
  would,
  did,
  why,
  decisive,
}: Difference): z.input<typeof backtestSchema>['differences'][number] {
  return {
    event_id: event.id,
    event_type: event.type,
    received_at: event.received_at.toISOString(),
    would,
    did: did && { run_id: did.id, state: did.state },
    why,
    decisive,
  };
}
