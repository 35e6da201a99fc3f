import { fileURLToPath } from 'node:url';
import {
  bundleWorkflowCode,
  DefaultLogger,
  NativeConnection,
  Runtime,
  Worker,
} from '@temporalio/worker';

/** A worker of a test's own. */
export interface TestWorker {
  close(): Promise<void>;
}

export interface TestWorkerParts {
  readonly address: string;
  readonly taskQueue: string;
  /** The module of its workflows, below `test/support/`. */
  readonly workflows: string;
  readonly activities: object;
}

/** Run one module of workflows on a queue of its own, with what a test puts behind them. */
export async function startTestWorker(parts: TestWorkerParts): Promise<TestWorker> {
  const { address, taskQueue, workflows, activities } = parts;
  const logger = new DefaultLogger('ERROR');
  Runtime.install({ logger });
  const workflowsPath = fileURLToPath(new URL(workflows, import.meta.url));
  const connection = await NativeConnection.connect({ address });
  const worker = await Worker.create({
    connection,
    taskQueue,
    workflowBundle: await bundleWorkflowCode({ workflowsPath, logger }),
    activities,
  });
  const running = worker.run();
  return {
    async close() {
      worker.shutdown();
      await running;
      await connection.close();
    },
  };
}
