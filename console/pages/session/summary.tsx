import type { JSX } from 'react';
import { visibleLine } from '../../parts/visible-text.ts';
import { costWords } from './session-words.ts';
import type { Session } from './session-words.ts';

/** Where a session stands, in a sentence or two. */
export function Summary({ session }: { session: Session }): JSX.Element {
  return <div role="status">{words(session)}</div>;
}

function words(session: Session): string {
  const { state, key, failure, finished_at: finishedAt } = session;
  const result = `It came to its result for ${costWords(session)}`;
  if (failure !== null) return `It has no result: ${visibleLine(failure)}.`;
  switch (state) {
    case 'active':
      return 'At work: it takes events and reports.';
    case 'finished':
      return key === null
        ? `${result}.`
        : `${result}. The next event of its key opens another one.`;
    case 'archived':
      return finishedAt === null
        ? 'Archived before it came to a result: the agent is told to stop, and nothing more is taken.'
        : `${result}, and takes nothing more.`;
  }
}
