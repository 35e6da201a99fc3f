import { Client, Connection } from '@temporalio/client';
import type { ConnectionOptions } from '@temporalio/client';
import {
  bundleWorkflowCode,
  DefaultLogger,
  NativeConnection,
  Runtime,
  Worker,
  makeTelemetryFilterString,
} from '@temporalio/worker';
import type { WorkerOptions } from '@temporalio/worker';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { taskQueues } from '../domain/workflows.ts';
import { searchAttributes } from './search-attributes.ts';
import { makeRepeats } from './temporal-repeats.ts';

export interface TemporalAddress {
  readonly address: string;
  readonly namespace: string;
  readonly apiKey: string | undefined;
}

/**
 * A client that connects when it is first used: Temporal may be away when we start, and when it is closed.
 *
 * @param options - `interceptors` replaces the one that repeats calls that fail
 */
export function openClient(
  { address, namespace, apiKey }: TemporalAddress,
  options: Pick<ConnectionOptions, 'interceptors'> = {},
): Client {
  const connection = Connection.lazy({
    interceptors: [makeRepeats()],
    ...options,
    address,
    ...(apiKey !== undefined && { apiKey, tls: true }),
  });
  return new Client({ connection, namespace });
}

/** The SDK's own lines go where ours go. Once per process, before the first worker. */
export function installTemporalLog(log: Logger): void {
  Runtime.install({
    logger: {
      log: (level, message) => log.debug(`${level} ${message}`),
      trace: (message) => log.trace(message),
      debug: (message) => log.trace(message),
      info: (message) => log.debug(message),
      warn: (message, meta) => log.warn({ workflow: meta?.['workflowId'] }, message),
      error: (message, meta) => log.error({ workflow: meta?.['workflowId'] }, message),
    },
    telemetryOptions: {
      logging: { filter: makeTelemetryFilterString({ core: 'ERROR' }), forward: {} },
    },
  });
}

export interface WorkersParts {
  readonly temporal: TemporalAddress;
  readonly client: Client;
  readonly activities: object;
  /** The file that exports the workflows. */
  readonly workflowsPath: string;
  readonly log: Logger;
}

/** The workers of this process, one per task queue. */
export interface Workers {
  /** Resolves when every queue is polled. */
  readonly ready: Promise<void>;
  /** Finish what is under way, then stop. */
  close(): Promise<void>;
}

/** The bundler tells its sizes at each start; only what goes wrong is of interest. */
const quiet = new DefaultLogger('WARN');

/** Between two tries to reach Temporal. */
const retryMs = 1000;

/** Kept well above a burst of starts, so that an idle connection is all a delivery waits for. */
const tuning: Partial<WorkerOptions> = {
  maxConcurrentWorkflowTaskExecutions: 200,
  maxConcurrentLocalActivityExecutions: 200,
  maxConcurrentActivityTaskExecutions: 200,
  maxCachedWorkflows: 2000,
  shutdownGraceTime: '10 seconds',
};

/**
 * Run workers; while Temporal is away, keep trying.
 *
 * `Worker.create` gives up after about ten seconds without a server (measured), so it is repeated.
 */
export function runWorkers(parts: WorkersParts): Workers {
  let isClosing = false;
  let connection: NativeConnection | undefined;
  const workers: Worker[] = [];
  const running: Promise<void>[] = [];

  async function begin(): Promise<void> {
    connection = await connect(parts, () => isClosing);
    if (!connection) return;
    await ensureSearchAttributes(parts);
    // Made once for all queues: it takes seconds.
    const workflowBundle = await bundleWorkflowCode({
      workflowsPath: parts.workflowsPath,
      logger: quiet,
    });
    for (const taskQueue of new Set(Object.values(taskQueues))) {
      const worker = await Worker.create({
        ...tuning,
        workflowBundle,
        connection,
        namespace: parts.temporal.namespace,
        taskQueue,
        activities: parts.activities,
      });
      workers.push(worker);
      running.push(worker.run());
    }
  }

  const ready = begin();
  return {
    ready,
    async close() {
      isClosing = true;
      await ready.catch(() => undefined);
      for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
      await Promise.allSettled(running);
      await connection?.close(); // Else its native threads keep the process alive.
    },
  };
}

/** A server of one's own does not know our search attributes, and refuses starts that carry them. */
async function ensureSearchAttributes({ temporal, client }: WorkersParts): Promise<void> {
  const { namespace } = temporal;
  const { operatorService } = client.connection as Connection;
  const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
  const missing = Object.values(searchAttributes).filter(({ name }) => !customAttributes[name]);
  if (missing.length === 0) return;
  await operatorService.addSearchAttributes({
    namespace,
    searchAttributes: Object.fromEntries(missing.map(({ name, type }) => [name, indexed[type]])),
  });
}

/** Temporal's numbers of the types that we use: `IndexedValueType` of its API. */
const indexed = { KEYWORD: 2, INT: 3 } as const;

async function connect(
  { temporal, log }: WorkersParts,
  isClosing: () => boolean,
): Promise<NativeConnection | undefined> {
  const { address, apiKey } = temporal;
  while (!isClosing()) {
    try {
      return await NativeConnection.connect({
        address,
        ...(apiKey !== undefined && { apiKey, tls: true }),
      });
    } catch (error) {
      log.warn({ err: error }, `Temporal at ${address} is away; trying again`);
      await sleep(retryMs);
    }
  }
  return undefined;
}
