import type { Knex } from 'knex';
import { z } from 'zod';
import { listStatistics, readStanding } from '../../src/store/statistics.ts';
import type { StatisticsFrame } from '../../src/store/statistics.ts';
import { invalid, route } from '../route.ts';
import type { MountableRoute } from '../route.ts';
import { instant, moment } from './answers.ts';

/** The steps of a chart, smallest first. */
const stepsMs = { '1m': 60_000, '5m': 300_000, '1h': 3_600_000, '1d': 86_400_000 } as const;

type Step = keyof typeof stepsMs;

const stepNames = Object.keys(stepsMs) as Step[];

/** More points than this no chart shows; below it, a day in steps of five minutes would not fit. */
const bucketsMax = 500;

const dayMs = 86_400_000;

const bucketSchema = z
  .object({
    at: instant.meta({ description: 'The beginning of the step' }),
    accepted: z.int().meta({ description: 'Inbound events' }),
    published: z.int().meta({ description: 'Outbound events' }),
    delivered: z.int(),
    dead: z.int().meta({ description: 'Deliveries whose attempts were spent' }),
    rejected: z.int().meta({ description: 'Requests that were refused, and are still kept' }),
  })
  .meta({ id: 'StatisticsBucket' });

const standingSchema = z
  .object({
    pending: z.int(),
    retrying: z.int(),
    parked: z.int(),
    dead_open: z.int().meta({ description: 'Open dead letters of deliveries' }),
    failed_runs_open: z.int().meta({ description: 'Open dead letters of trigger runs' }),
    rejected_kept: z.int(),
    oldest_waiting_at: instant.nullable().meta({
      description: 'When the oldest pending or retrying delivery was made, or its cycle opened',
    }),
    oldest_overdue_at: instant.nullable().meta({
      description: 'When the oldest attempt was due, of those that are late by more than a minute',
    }),
    endpoints_paused: z.int(),
    endpoints_disabled: z.int(),
    triggers_broken: z.int(),
  })
  .meta({ id: 'Standing', description: 'How things stand at this moment.' });

const statisticsSchema = z
  .object({
    from: instant,
    to: instant,
    step: z.enum(stepNames),
    buckets: z.array(bucketSchema),
    now: standingSchema,
  })
  .meta({ id: 'Statistics' });

export function statisticsRoutes(db: Knex, now: () => Date): MountableRoute[] {
  return [
    route({
      method: 'get',
      path: '/v1/statistics',
      summary: 'What happened over time, and how things stand',
      query: z.strictObject({
        from: moment.optional().meta({ description: 'A day before `to` when absent' }),
        to: moment.optional().meta({ description: 'Now when absent' }),
        step: z
          .enum(stepNames)
          .optional()
          .meta({ description: `The smallest that makes at most ${bucketsMax} buckets` }),
      }),
      answer: statisticsSchema,
      handle: async ({ tenantId, query }) => {
        const { step, frame } = toFrame(query, now());
        const [buckets, standing] = await Promise.all([
          listStatistics(db, tenantId, frame),
          readStanding(db, tenantId),
        ]);
        return {
          from: frame.from.toISOString(),
          to: frame.to.toISOString(),
          step,
          buckets: buckets.map(({ at, ...counts }) => ({ at: at.toISOString(), ...counts })),
          now: {
            ...standing,
            oldest_waiting_at: standing.oldest_waiting_at?.toISOString() ?? null,
            oldest_overdue_at: standing.oldest_overdue_at?.toISOString() ?? null,
          },
        };
      },
    }),
  ];
}

interface FrameQuery {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly step?: Step | undefined;
}

/**
 * The frame that is asked for, from the beginning of a step.
 *
 * @throws Problem `invalid-request` when it is empty or has too many steps
 */
function toFrame(query: FrameQuery, now: Date): { step: Step; frame: StatisticsFrame } {
  const to = query.to === undefined ? now : new Date(query.to);
  const from = query.from === undefined ? new Date(to.getTime() - dayMs) : new Date(query.from);
  if (from >= to) throw invalid([{ pointer: '?from', detail: 'Must be before `to`' }]);
  const candidates = query.step === undefined ? stepNames : [query.step];
  for (const step of candidates) {
    const stepMs = stepsMs[step];
    const start = new Date(Math.floor(from.getTime() / stepMs) * stepMs);
    if (to.getTime() - start.getTime() > bucketsMax * stepMs) continue;
    return { step, frame: { from: start, to, stepMs } };
  }
  const pointer = query.step === undefined ? '?from' : '?step';
  throw invalid([{ pointer, detail: `Makes more than ${bucketsMax} buckets` }]);
}
