import type { Knex } from 'knex';
import { z } from 'zod';
import { durationText } from '../../src/domain/duration.ts';
import { isFree } from '../../src/domain/retention.ts';
import type { Retention } from '../../src/domain/retention.ts';
import {
  countHolds,
  findRetentionPassed,
  listRetainedDays,
} from '../../src/store/retained-days.ts';
import type { RetainedDay } from '../../src/store/retained-days.ts';
import { isDefaultTenant } from '../../src/store/tenants.ts';
import { route } from '../route.ts';
import type { MountableRoute } from '../route.ts';
import { instant } from './answers.ts';

const heldSchema = z
  .object({
    deliveries: z.int(),
    trigger_runs: z.int(),
    dead_letters: z.int(),
    sessions: z.int(),
    replays: z.int(),
  })
  .meta({ description: 'How many of each are open, of all tenants' });

const retentionSchema = z
  .object({
    payloads: z.string().meta({ description: 'How long they are kept, as `30d`' }),
    metadata: z.string(),
    last_pass_at: instant.nullable(),
    days: z
      .array(
        z.object({
          day: z.string().meta({ description: 'UTC, as `2026-01-31`' }),
          bytes: z.number().meta({ description: 'Of all tenants, indexes included' }),
          payloads: z.enum(['kept', 'dropped']),
          payloads_due_at: instant,
          metadata_due_at: instant,
          held_by: heldSchema
            .nullable()
            .meta({ description: 'Why a day that is due is still there; null = it is not held' }),
        }),
      )
      .meta({ description: 'Oldest first; empty for all tenants but the one named `default`' }),
  })
  .meta({ id: 'Retention', description: 'What is stored by day, and until when.' });

export interface RetentionRouteParts {
  readonly db: Knex;
  readonly now: () => Date;
  readonly retention: Retention;
}

export function retentionRoutes({ db, now, retention }: RetentionRouteParts): MountableRoute[] {
  return [
    route({
      method: 'get',
      path: '/v1/system/retention',
      summary: 'Show what is stored by day, until when, and what holds it',
      answer: retentionSchema,
      handle: async ({ tenantId }) => {
        const isShown = await isDefaultTenant(db, tenantId);
        const stored = isShown ? await listRetainedDays(db) : [];
        return {
          payloads: durationText(retention.payloadsMs),
          metadata: durationText(retention.metadataMs),
          last_pass_at: (await findRetentionPassed(db))?.toISOString() ?? null,
          days: await Promise.all(stored.map((day) => toDay({ db, now: now(), retention }, day))),
        };
      },
    }),
  ];
}

type DayAnswer = z.input<typeof retentionSchema>['days'][number];

/** Only a day that is due is asked what holds it. */
async function toDay(
  { db, now, retention }: { db: Knex; now: Date; retention: Retention },
  day: RetainedDay,
): Promise<DayAnswer> {
  const endsAt = day.endsAt.getTime();
  const dueAt = endsAt + (day.arePayloadsDropped ? retention.metadataMs : retention.payloadsMs);
  const holds = dueAt <= now.getTime() ? await countHolds(db, day) : undefined;
  return {
    day: day.startsAt.toISOString().slice(0, 10),
    bytes: day.bytes,
    payloads: day.arePayloadsDropped ? 'dropped' : 'kept',
    payloads_due_at: new Date(endsAt + retention.payloadsMs).toISOString(),
    metadata_due_at: new Date(endsAt + retention.metadataMs).toISOString(),
    held_by: holds === undefined || isFree(holds) ? null : holds,
  };
}
