import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { Knex } from 'knex';
import { taskQueues } from '../domain/workflows.ts';
import { readDatabaseStatus } from '../store/system.ts';
import type { DatabaseStatus } from '../store/system.ts';
import { printableConfig } from './config.ts';
import type { Config, PrintableSetting } from './config.ts';
import { openClient } from './temporal.ts';
import { version } from './version.ts';

/** A part that does not answer in time is shown as down: whoever looks has something else to do. */
const partMaxMs = 2000;

/** What a process of the platform and the parts it stands on say of themselves. */
export interface SystemStatus {
  readonly version: string;
  /** As `v20.20.2`. */
  readonly node: string;
  /** When this process began. */
  readonly startedAt: Date;
  readonly config: readonly PrintableSetting[];
  /** Null = PostgreSQL is away. */
  readonly postgres: DatabaseStatus | null;
  readonly temporal: TemporalStatus;
}

export interface TemporalStatus {
  readonly address: string;
  readonly namespace: string;
  /** Null = Temporal is away. */
  readonly seen: {
    readonly serverVersion: string;
    readonly taskQueues: readonly TaskQueueStatus[];
  } | null;
}

export interface TaskQueueStatus {
  readonly name: string;
  /** Workers that asked this queue for work in the last minutes. */
  readonly pollers: number;
  /** Tasks that wait for a worker, about; null when the server does not tell. */
  readonly backlog: number | null;
}

/** Answers of a status are shared for so long: every open page of the console asks every few seconds. */
const keptMs = 3000;

/** As `read`; whoever asks within seconds of somebody else is told the same. */
export function rememberStatus(read: () => Promise<SystemStatus>): () => Promise<SystemStatus> {
  let kept: { readonly status: Promise<SystemStatus>; readonly until: number } | undefined;
  return () => {
    const at = performance.now();
    if (!kept || at >= kept.until) kept = { status: read(), until: at + keptMs };
    return kept.status;
  };
}

/** Ask every part at once; one that is away is an answer, never an error. */
export async function readSystemStatus(db: Knex, config: Config): Promise<SystemStatus> {
  // One of its own, without repeats: that Temporal is away is told at once, not after their time.
  const client = openClient(
    {
      address: config.TEMPORAL_ADDRESS,
      namespace: config.TEMPORAL_NAMESPACE,
      apiKey: config.TEMPORAL_API_KEY,
    },
    { interceptors: [] },
  );
  try {
    const [postgres, seen] = await Promise.all([
      unlessAway(readDatabaseStatus(db)),
      unlessAway(readTemporal(client, config.TEMPORAL_NAMESPACE)),
    ]);
    return {
      version,
      node: process.version,
      startedAt: new Date(Date.now() - process.uptime() * 1000),
      config: printableConfig(config),
      postgres,
      temporal: { address: config.TEMPORAL_ADDRESS, namespace: config.TEMPORAL_NAMESPACE, seen },
    };
  } finally {
    await client.connection.close();
  }
}

/** What a part answers; null when it is away or too slow. */
export async function unlessAway<T>(asked: Promise<T>): Promise<T | null> {
  const late = new AbortController();
  try {
    const timer = sleep(partMaxMs, null, { signal: late.signal, ref: false }).catch(() => null);
    return await Promise.race([asked, timer]);
  } catch {
    return null; // Why it is down is in the log of whoever needed it.
  } finally {
    late.abort();
  }
}

async function readTemporal(client: Client, namespace: string): Promise<TemporalStatus['seen']> {
  const names = [...new Set<string>(Object.values(taskQueues))];
  return client.withDeadline(Date.now() + partMaxMs, async () => {
    const { serverVersion } = await client.workflowService.getSystemInfo({});
    const queues = names.map((name) => readTaskQueue(client, namespace, name));
    return { serverVersion: serverVersion ?? '', taskQueues: await Promise.all(queues) };
  });
}

/** Temporal's numbers of the kinds of tasks: `TaskQueueType` of its API. */
const taskTypes = { workflow: 1, activity: 2 } as const;

/** A worker polls for both kinds and is counted once; the tasks of both wait. */
async function readTaskQueue(
  client: Client,
  namespace: string,
  name: string,
): Promise<TaskQueueStatus> {
  const answers = await Promise.all(
    Object.values(taskTypes).map((taskQueueType) =>
      client.workflowService.describeTaskQueue({
        namespace,
        taskQueue: { name },
        taskQueueType,
        reportStats: true,
      }),
    ),
  );
  const identities = answers
    .flatMap(({ pollers }) => pollers ?? [])
    .map(({ identity }) => identity);
  const backlogs = answers.map(({ stats }) => stats?.approximateBacklogCount);
  return {
    name,
    pollers: new Set(identities).size,
    backlog: backlogs.some((count) => count === undefined || count === null)
      ? null
      : backlogs.reduce<number>((sum, count) => sum + Number(count), 0),
  };
}
