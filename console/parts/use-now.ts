import { useCallback, useSyncExternalStore } from 'react';

/** One clock for all of a page: in ms since 1970, in steps of `everyMs`. */
export function useNow(everyMs: number): number {
  const now = useCallback(() => Math.floor(Date.now() / everyMs) * everyMs, [everyMs]);
  return useSyncExternalStore(watchClock, now);
}

const watchers = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

function watchClock(watcher: () => void): () => void {
  watchers.add(watcher);
  timer ??= setInterval(() => {
    for (const watch of watchers) watch();
  }, 1000);
  return () => {
    watchers.delete(watcher);
    if (watchers.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}
