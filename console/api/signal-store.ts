import { useSyncExternalStore } from 'react';

/** A value outside of React that components can watch. */
export interface SignalStore<T> {
  get(): T;
  set(value: T): void;
  /** Its value now; the component renders again when it changes. */
  use(): T;
}

export function makeSignalStore<T>(first: T): SignalStore<T> {
  let current = first;
  const watchers = new Set<() => void>();
  const get = (): T => current;
  const watch = (watcher: () => void): (() => void) => {
    watchers.add(watcher);
    return () => watchers.delete(watcher);
  };
  return {
    get,
    set(value) {
      if (Object.is(value, current)) return;
      current = value;
      for (const watcher of watchers) watcher();
    },
    use: () => useSyncExternalStore(watch, get),
  };
}
