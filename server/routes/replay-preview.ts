import { z } from 'zod';
import { Problem } from '../../src/domain/problem.ts';
import { replayRevisions, unconfirmedMax } from '../../src/domain/replay.ts';
import type { ReplayPlan } from '../../src/runtime/replay-plan.ts';
import type { ReplaySample } from '../../src/store/replay-selection.ts';
import { instant } from './answers.ts';
import { willOf } from './replay-words.ts';
import type { ReplayWay } from './replay-words.ts';

const sampleSchema = z
  .object({
    id: z.string(),
    event_id: z.string(),
    event_type: z.string(),
    endpoint_id: z.string().nullable(),
    trigger: z.string().nullable(),
    state: z.string().meta({ description: '`recorded` for an event, which has none' }),
    created_at: instant,
  })
  .meta({ id: 'ReplaySample', description: 'One of what a replay would start again.' });

/** How much a replay starts, as its start and its preview say it. */
export const plannedFields = {
  planned: z.int(),
  planned_is_estimate: z.boolean().meta({
    description: 'There are too many to ask a `filter` about each: reckoned from the newest',
  }),
  estimated_s: z.int().meta({ description: '`planned` at the rate' }),
  revision: z.enum(replayRevisions),
};

/** Asks for a preview, or for what it previewed. */
export const previewFields = {
  dry_run: z.boolean().default(false),
  confirm: z.int().min(0).optional().meta({
    description: 'The `confirm` of a dry run: needed above 1,000, and held to when given',
  }),
};

/** A replay that may be made: how, and at which rate. */
interface Wanted extends ReplayWay {
  readonly rate: number;
}

export const previewSchema = z
  .object({
    ...plannedFields,
    will: z.string().meta({ description: 'What it does with each of them, in words' }),
    confirm: z.int().meta({
      description:
        'What to confirm: `planned`; of an estimate the number that `filter` is asked about',
    }),
    failures: z.int().meta({
      description: 'Of those looked at, how many would fail: `filter` has no value for them',
    }),
    sample: z.array(sampleSchema).meta({ description: 'The newest ten' }),
    per_type: z
      .array(z.object({ event_type: z.string(), count: z.int() }))
      .meta({ description: 'The fifty most frequent types' }),
  })
  .meta({ id: 'ReplayPreview', description: 'A dry run: nothing is started.' });

/** @returns what `plannedFields` are */
export function toPlanned(
  { rate, revision }: Pick<Wanted, 'rate' | 'revision'>,
  { planned, isEstimated }: ReplayPlan,
) {
  const estimated_s = Math.ceil(planned / rate);
  return { planned, planned_is_estimate: isEstimated, estimated_s, revision };
}

export function toPreview(wanted: Wanted, plan: ReplayPlan): z.input<typeof previewSchema> {
  return {
    ...toPlanned(wanted, plan),
    will: willOf(wanted),
    confirm: toConfirm(plan),
    failures: plan.failures,
    sample: plan.sample.map(toSample),
    per_type: [...plan.perType],
  };
}

/** An estimate differs from one call to the next: what it was made from does not. */
function toConfirm({ planned, candidates, isEstimated }: ReplayPlan): number {
  return isEstimated ? candidates : planned;
}

/**
 * What was previewed is what is started.
 *
 * @throws Problem `confirm-needed`, with the count to confirm
 */
export function confirmed(plan: ReplayPlan, confirm: number | undefined): void {
  const wanted = toConfirm(plan);
  if (confirm === wanted) return;
  if (confirm === undefined && wanted <= unconfirmedMax) return;
  const about = plan.isEstimated ? `about ${plan.planned} of ${wanted}` : String(wanted);
  throw new Problem(
    'confirm-needed',
    `The replay would start ${about} again: look with "dry_run", then send "confirm": ${wanted}`,
  );
}

function toSample(row: ReplaySample): z.input<typeof sampleSchema> {
  const { id, event_id, event_type, endpoint_id, trigger, state } = row;
  const created_at = row.created_at.toISOString();
  return { id, event_id, event_type, endpoint_id, trigger, state, created_at };
}
