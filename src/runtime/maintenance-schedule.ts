import { setTimeout as sleep } from 'node:timers/promises';
import { ScheduleAlreadyRunning } from '@temporalio/client';
import type { Client, ScheduleDescription, ScheduleOptions } from '@temporalio/client';
import type { Logger } from 'pino';
import { taskQueues } from '../domain/workflows.ts';

/** The id of the schedule, and the beginning of its workflows' ids. */
export const maintenanceId = 'maintenance';

/** Between two tries to reach Temporal. */
const retryMs = 1000;

/** What takes longer is tried again. */
const callDeadlineMs = 5000;

/** Passes that were missed are not made up for: the next one sees all. The least that Temporal takes. */
const catchupMs = 10_000;

/**
 * See to it that the schedule of maintenance is as it should be; while Temporal is away, keep trying.
 *
 * @param everyMs - between two passes, at least 1,000
 */
export function keepMaintenanceSchedule(
  client: Client,
  { everyMs, log }: { readonly everyMs: number; readonly log: Logger },
): { close(): Promise<void> } {
  const closing = new AbortController();

  async function keepTrying(): Promise<void> {
    while (!closing.signal.aborted) {
      try {
        await ensureMaintenanceSchedule(client, everyMs);
        return;
      } catch (error) {
        log.debug({ err: error }, 'Could not make the schedule of maintenance; trying again');
        await sleep(retryMs, undefined, { signal: closing.signal }).catch(() => undefined);
      }
    }
  }

  const trying = keepTrying();
  return {
    async close() {
      closing.abort();
      await trying;
    },
  };
}

/**
 * Make the schedule of maintenance, or change what differs of the one that is there. One that a
 * person has paused stays paused. Safe to repeat, by several at once.
 */
export async function ensureMaintenanceSchedule(client: Client, everyMs: number): Promise<void> {
  const options = optionsOf(everyMs);
  await client.withDeadline(Date.now() + callDeadlineMs, async () => {
    try {
      await client.schedule.create(options);
    } catch (error) {
      if (!(error instanceof ScheduleAlreadyRunning)) throw error;
      const handle = client.schedule.getHandle(maintenanceId);
      if (isAsWanted(await handle.describe(), options)) return;
      await handle.update(({ state, ...rest }) => ({ ...rest, ...options, state }));
    }
  });
}

function optionsOf(everyMs: number) {
  return {
    scheduleId: maintenanceId,
    spec: { intervals: [{ every: everyMs }] },
    action: {
      type: 'startWorkflow',
      workflowType: 'maintenance',
      workflowId: maintenanceId,
      taskQueue: taskQueues.maintenance,
    },
    policies: { overlap: 'SKIP', catchupWindow: catchupMs, pauseOnFailure: false },
  } as const satisfies ScheduleOptions;
}

function isAsWanted(
  { spec, action, policies }: ScheduleDescription,
  wanted: ReturnType<typeof optionsOf>,
): boolean {
  const [{ every } = { every: 0 }, ...others] = spec.intervals ?? [];
  return (
    others.length === 0 &&
    every === wanted.spec.intervals[0].every &&
    action.workflowType === wanted.action.workflowType &&
    action.taskQueue === wanted.action.taskQueue &&
    policies.overlap === wanted.policies.overlap &&
    policies.catchupWindow === wanted.policies.catchupWindow
  );
}
