import { activityInfo, heartbeat, sleep } from '@temporalio/activity';

/** Well below the heartbeat timeout of 5 s. */
const heartbeatEveryMs = 1000;

/**
 * Do something that needs the database, and wait out its absence: an attempt is not used up
 * because a part of ours is away.
 *
 * Heartbeats meanwhile, so that a killed worker is noticed within seconds. A local activity does
 * not wait: it fails, and the normal activity after it waits.
 *
 * @param isPassing - whether an error will go away by itself
 */
export async function withPatience<T>(
  act: () => Promise<T>,
  isPassing: (error: unknown) => boolean,
): Promise<T> {
  if (activityInfo().isLocal) return act();
  const beating = setInterval(() => heartbeat(), heartbeatEveryMs);
  try {
    return await untilDone(act, isPassing);
  } finally {
    clearInterval(beating);
  }
}

async function untilDone<T>(
  act: () => Promise<T>,
  isPassing: (error: unknown) => boolean,
): Promise<T> {
  for (;;) {
    try {
      return await act();
    } catch (error) {
      if (!isPassing(error)) throw error;
      await sleep(heartbeatEveryMs);
    }
  }
}
