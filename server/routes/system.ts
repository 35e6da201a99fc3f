import type { Knex } from 'knex';
import { z } from 'zod';
import { rememberStatus, unlessAway } from '../../src/runtime/system-status.ts';
import type { SystemStatus } from '../../src/runtime/system-status.ts';
import type { FailedWorkflows } from '../../src/runtime/failed-workflows.ts';
import { countLettersOfWorkflows, readAccounting } from '../../src/store/accounting.ts';
import type { LetterCounts } from '../../src/store/accounting.ts';
import { countUnstarted } from '../../src/store/system.ts';
import type { UnstartedCounts } from '../../src/store/system.ts';
import { isDefaultTenant } from '../../src/store/tenants.ts';
import { route } from '../route.ts';
import type { MountableRoute } from '../route.ts';
import { instant } from './answers.ts';

const postgresSchema = z.object({
  is_up: z.boolean(),
  version: z.string().nullable(),
  size_bytes: z.number().nullable().meta({ description: 'Of the whole database' }),
  connections: z.int().nullable(),
});

const temporalSchema = z.object({
  is_up: z.boolean(),
  address: z.string(),
  namespace: z.string(),
  server_version: z.string().nullable(),
  task_queues: z.array(
    z.object({
      name: z.string(),
      pollers: z.int().meta({ description: 'Workers that asked for work in the last minutes' }),
      backlog: z.int().nullable().meta({ description: 'Tasks that wait for a worker, about' }),
    }),
  ),
});

const systemSchema = z
  .object({
    version: z.string(),
    node: z.string(),
    started_at: instant.meta({ description: 'When the process that answers began' }),
    config: z
      .array(z.object({ name: z.string(), value: z.string().nullable() }))
      .meta({ description: 'Empty for all tenants but the one named `default`' }),
    postgres: postgresSchema,
    temporal: temporalSchema,
    unstarted: z
      .object({
        deliveries: z.int().nullable(),
        trigger_runs: z.int().nullable(),
        replays: z.int().nullable(),
      })
      .meta({ description: 'Committed, and not yet taken by Temporal; null without PostgreSQL' }),
    oldest_unstarted_at: instant.nullable(),
  })
  .meta({ id: 'System', description: 'The process that answers, and what it stands on.' });

const countsSchema = z.record(z.string(), z.int());

const temporalAccountSchema = z.object({
  matches: z.boolean().meta({ description: 'Each dead letter is a failed workflow, by count' }),
  since: instant.meta({ description: 'What ended before is not counted: Temporal may forget it' }),
  failed_deliveries: z.int().meta({ description: 'Failed and timed out workflows' }),
  failed_runs: z.int(),
  dead_deliveries: z.int().meta({ description: 'Dead letters that have a workflow, in any state' }),
  dead_runs: z.int(),
});

const accountingSchema = z
  .object({
    is_balanced: z.boolean(),
    imbalances: z.array(
      z.object({
        rule: z.string(),
        count: z.int(),
        ids: z.array(z.string()).meta({ description: 'The first five' }),
      }),
    ),
    events: countsSchema.meta({ description: 'By direction' }),
    deliveries: countsSchema.meta({ description: 'By state, as the following' }),
    trigger_runs: countsSchema,
    dead_letters: countsSchema,
    last_day: z
      .object({ events: z.int(), planned: z.int(), found: z.int() })
      .meta({ description: 'Runs and deliveries planned for its events, and how many there are' }),
    corrections: countsSchema.meta({ description: 'By maintenance, by action of the audit log' }),
    temporal: temporalAccountSchema
      .nullable()
      .meta({ description: 'Null when Temporal does not answer within 2 s' }),
  })
  .meta({
    id: 'Accounting',
    description: 'Everything is in a state, and each death has a letter.',
  });

export interface SystemParts {
  readonly db: Knex;
  readonly readSystem: () => Promise<SystemStatus>;
  /** Null when Temporal is away. */
  readonly countFailedWorkflows: (tenantId: string) => Promise<FailedWorkflows | null>;
}

export function systemRoutes(parts: SystemParts): MountableRoute[] {
  const { db, readSystem } = parts;
  const read = rememberStatus(readSystem);
  return [
    route({
      method: 'get',
      path: '/v1/system',
      summary: 'Read how the platform is and how it is set up',
      answer: systemSchema,
      handle: async ({ tenantId }) => {
        const [status, unstarted, isOperator] = await Promise.all([
          read(),
          unlessAway(countUnstarted(db, tenantId)),
          unlessAway(isDefaultTenant(db, tenantId)),
        ]);
        const config = isOperator === true ? status.config : [];
        return toSystem({ ...status, config }, unstarted);
      },
    }),
    route({
      method: 'get',
      path: '/v1/system/accounting',
      summary: 'Count everything, and hold the counts against each other',
      answer: accountingSchema,
      handle: async ({ tenantId }) => {
        const failed = await parts.countFailedWorkflows(tenantId);
        const { imbalances, ...counts } = await readAccounting(db, tenantId);
        const listed = imbalances.map(({ ids, ...imbalance }) => ({ ...imbalance, ids: [...ids] }));
        const temporal =
          failed &&
          toTemporalAccount(failed, await countLettersOfWorkflows(db, tenantId, failed.since));
        return { is_balanced: imbalances.length === 0, imbalances: listed, ...counts, temporal };
      },
    }),
  ];
}

const unknownCounts = { deliveries: null, trigger_runs: null, replays: null, oldest_at: null };

function toSystem(
  { version, node, startedAt, config, postgres, temporal }: SystemStatus,
  counts: UnstartedCounts | null,
): z.input<typeof systemSchema> {
  const { address, namespace, seen } = temporal;
  const { oldest_at, ...unstarted } = counts ?? unknownCounts;
  return {
    version,
    node,
    started_at: startedAt.toISOString(),
    config: [...config],
    postgres: postgres
      ? { is_up: true, ...postgres }
      : { is_up: false, version: null, size_bytes: null, connections: null },
    temporal: { address, namespace, ...toSeen(seen) },
    unstarted,
    oldest_unstarted_at: oldest_at?.toISOString() ?? null,
  };
}

function toTemporalAccount(
  failed: FailedWorkflows,
  letters: LetterCounts,
): z.input<typeof temporalAccountSchema> {
  return {
    matches: failed.deliveries === letters.deliveries && failed.runs === letters.runs,
    since: failed.since.toISOString(),
    failed_deliveries: failed.deliveries,
    failed_runs: failed.runs,
    dead_deliveries: letters.deliveries,
    dead_runs: letters.runs,
  };
}

function toSeen(seen: SystemStatus['temporal']['seen']) {
  if (!seen) return { is_up: false, server_version: null, task_queues: [] };
  return { is_up: true, server_version: seen.serverVersion, task_queues: [...seen.taskQueues] };
}
