import { setImmediate } from 'node:timers/promises';

/** Webhooks that arrive in the meantime wait this long at most; half of it would pause twice as often. */
const workMsMax = 20;

/** Lets others have the event loop. */
export interface Pauses {
  isDue(): boolean;
  /** Returns when whatever else was waiting has had its turn. */
  take(): Promise<void>;
}

export function makePauses(): Pauses {
  let since = performance.now();
  return {
    isDue: () => performance.now() - since >= workMsMax,
    async take() {
      await setImmediate();
      since = performance.now();
    },
  };
}
