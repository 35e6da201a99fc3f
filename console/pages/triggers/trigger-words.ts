import { visibleLine } from '../../parts/visible-text.ts';
import type { Trigger } from './trigger-state.ts';

type Action = NonNullable<Trigger['action']>;

/** What a trigger listens to: `push, issues from github`; a dash when it was never good. */
export function listensWords({ on }: Pick<Trigger, 'on'>): string {
  const parts = on.map(({ source, events, as: name }) => {
    const words = `${events.join(', ')} from ${source}`;
    return name === null ? words : `${name}: ${words}`;
  });
  return visibleLine(parts.join('; ')) || '–';
}

/** What an action does: `workflow reviewPullRequest`. */
export function actionWords(action: Action): string {
  switch (action.kind) {
    case 'emit':
      return `emits ${visibleLine(action.type)}`;
    case 'forward':
      return `forwards to ${visibleLine(action.url)}`;
    case 'workflow':
    case 'session':
      return `${action.kind} ${visibleLine(action.name)}`;
  }
}
