import {
  CancellationScope,
  condition,
  ContinueAsNew,
  continueAsNew,
  defineSignal,
  isCancellation,
  patched,
  proxyActivities,
  setHandler,
} from '@temporalio/workflow';
import type { Activities, LoadedRun } from '../src/domain/activities.ts';
import { runPoke } from '../src/domain/workflows.ts';
import type { TriggerRunInput, TriggerRunResult } from '../src/domain/workflows.ts';
import { failureReason } from './actions/attempts.ts';
import { runAction } from './actions/index.ts';

const { admitRun, loadRun, finishRun } = proxyActivities<Activities>({
  startToCloseTimeout: '10 seconds', // Some rows each: a killed worker holds a whole lane up this long.
  retry: { initialInterval: '1 second', maximumInterval: '1 minute' },
});

/**
 * A round of asking and waiting writes about ten events of history, so a run has some 2,000: read
 * quickly when a worker takes it over, and far from the 51,200 at which Temporal ends it.
 */
const roundsMax = 200;

/**
 * One trigger acting on one event, once its guards let it. Fails when its action fails, and is then
 * a dead letter.
 */
export async function triggerRun(input: TriggerRunInput): Promise<TriggerRunResult> {
  let run: LoadedRun | undefined;
  try {
    const refused = input.isGuarded === true ? await waitForGuards(input) : undefined;
    if (refused) return refused;
    run = await loadRun(input);
    await runAction(run);
  } catch (error) {
    if (error instanceof ContinueAsNew) throw error; // It goes on waiting in a history of its own.
    if (!isCancellation(error)) {
      await finish({ ...input, failure: failureReason(error, run) });
    } else if (patched(leaves)) {
      await leave(input);
    }
    throw error;
  }
  await finish({ ...input, failure: null });
  return { outcome: 'succeeded' };
}

/** Runs of the release before left their row as it was when they were cancelled. */
const leaves = 'cancelled-runs-leave';

/** A run that is cancelled says so, and lets the next of its lane begin. */
async function leave(input: TriggerRunInput): Promise<void> {
  await CancellationScope.nonCancellable(() =>
    finishRun({ ...input, failure: null, isCancelled: true }),
  );
}

/** The work is done: a cancellation that comes in this moment comes too late. */
async function finish(ending: Parameters<typeof finishRun>[0]): Promise<void> {
  try {
    await finishRun(ending);
  } catch (error) {
    if (!isCancellation(error) || !patched(leaves)) throw error;
    await CancellationScope.nonCancellable(() => finishRun(ending));
  }
}

/**
 * Ask the guards until they let the run go or end it. Their state is in PostgreSQL: a poke that is
 * lost only lets it ask later.
 *
 * @returns the end of a run that may not go
 */
async function waitForGuards(input: TriggerRunInput): Promise<TriggerRunResult | undefined> {
  let isPoked = false;
  setHandler(defineSignal(runPoke), () => {
    isPoked = true;
  });
  for (let round = 1; round <= roundsMax; round += 1) {
    isPoked = false;
    const admission = await admitRun(input);
    if (admission.kind === 'go') return undefined;
    if (admission.kind === 'ended') return { outcome: admission.outcome };
    await condition(() => isPoked, admission.waitMs);
  }
  return continueAsNew<typeof triggerRun>(input);
}
