import type { JSX } from 'react';
import type { LiveState } from '../api/live.ts';
import { Badge } from './state-badge.tsx';

/** Whether what is shown follows what happens; from `useLive`. */
export function LiveDot({ state }: { state: LiveState }): JSX.Element {
  switch (state) {
    case 'live':
      return (
        <Badge tone="good" icon="bolt">
          live
        </Badge>
      );
    case 'connecting':
      return (
        <Badge tone="warn" icon="clock">
          connecting
        </Badge>
      );
    case 'off':
      return (
        <Badge tone="idle" icon="pause">
          not live
        </Badge>
      );
  }
}
