import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';
import { freshIds } from './fresh-ids.ts';
import { useLive } from './live.ts';
import type { LiveState, LiveTopic } from './live.ts';

/** What comes within this is shown together: one question, however much comes. */
const gatherMs = 1000;

/**
 * Read the shown list of `/v1/<topic>` again when something has come: its filters are the API's to apply.
 *
 * `isFresh` says whether a row came while the page was open.
 *
 * @param isOn - false: do not follow
 */
export function useLiveList(
  topic: LiveTopic,
  isOn: boolean,
): {
  readonly state: LiveState;
  readonly isFresh: (id: string) => boolean;
} {
  const [fresh, setFresh] = useState<readonly string[]>([]);
  const reread = useReread(`/v1/${topic}`);
  const state = useLive(isOn ? [topic] : [], ({ row }) => {
    setFresh((ids) => freshIds(ids, row));
    reread();
  });
  return { state, isFresh: (id) => fresh.includes(id) };
}

function useReread(path: string): () => void {
  const client = useQueryClient();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  return useCallback(() => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      // One that is under way is let finish, or a fast stream would never show anything.
      void client.invalidateQueries({ queryKey: [path] }, { cancelRefetch: false });
    }, gatherMs);
  }, [client, path]);
}
