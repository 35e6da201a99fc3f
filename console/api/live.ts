import { useEffect, useEffectEvent, useState } from 'react';

/** What can be followed. */
export type LiveTopic = 'events' | 'deliveries';

/** What comes: a new row (not what changes later), or that some were left out and the list is to be read again. */
export interface LiveMessage {
  readonly kind: 'event' | 'delivery' | 'gap';
  /** As the API's list has it; not checked. */
  readonly row: unknown;
}

export type LiveState = 'connecting' | 'live' | 'off';

const kinds = ['event', 'delivery', 'gap'] as const;

/** A browser gives up after an answer that is no stream, as 503; we ask again. */
const reopenAfterMs = 3000;

/**
 * Follow what happens, over `GET /v1/live`, for as long as the page is shown.
 *
 * @param topics - none: do not follow
 */
export function useLive(
  topics: readonly LiveTopic[],
  onMessage: (message: LiveMessage) => void,
): LiveState {
  const [state, setState] = useState<LiveState>('off');
  const tell = useEffectEvent(onMessage);
  const names = topics.join(',');
  useEffect(() => {
    if (names === '') return setState('off');
    return follow(`/v1/live?topics=${names}`, setState, (message) => tell(message));
  }, [names]);
  return state;
}

function follow(
  url: string,
  onState: (state: LiveState) => void,
  onMessage: (message: LiveMessage) => void,
): () => void {
  let source: EventSource;
  let timer: ReturnType<typeof setTimeout> | undefined;
  function open(): void {
    onState('connecting');
    source = new EventSource(url);
    source.addEventListener('open', () => onState('live'));
    source.addEventListener('error', () => {
      onState('connecting');
      if (source.readyState === EventSource.CLOSED) timer = setTimeout(open, reopenAfterMs);
    });
    for (const kind of kinds) {
      source.addEventListener(kind, ({ data }: MessageEvent<unknown>) => {
        const row = parse(data);
        if (row !== undefined || kind === 'gap') onMessage({ kind, row });
      });
    }
  }
  open();
  return () => {
    clearTimeout(timer);
    source.close();
  };
}

/** Undefined for what is no JSON: a message that a proxy cut. */
function parse(data: unknown): unknown {
  try {
    return JSON.parse(String(data));
  } catch {
    return undefined;
  }
}
