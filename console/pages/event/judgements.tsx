import type { JSX } from 'react';
import { AppLink } from '../../parts/app-link.tsx';
import { Id } from '../../parts/id.tsx';
import { visibleLine } from '../../parts/visible-text.ts';
import type { Answers } from '../../../src/client/index.ts';
import classes from './judgements.module.css';

type Judgement = Answers['EventTimeline']['triggers'][number];

/** More than this stay folded: the story goes on below. */
const openMax = 6;

/** What each trigger made of an event, in words: those that fired, then why each other one did not. */
export function Judgements({ triggers }: { triggers: readonly Judgement[] }): JSX.Element | null {
  const fired = triggers.filter((trigger) => trigger.fired);
  const others = triggers.filter((trigger) => !trigger.fired);
  if (triggers.length === 0) {
    return (
      <>
        Nothing is started by events until there is <AppLink to="/triggers">a trigger</AppLink>
      </>
    );
  }
  return (
    <>
      {fired.length > 0 && <List triggers={fired} />}
      {others.length > 0 && (
        <details className={classes.others} open={others.length <= openMax}>
          <summary>
            Why {others.length === 1 ? 'another' : `${others.length} others`} did not, judged by
            what {others.length === 1 ? 'it says' : 'they say'} today
          </summary>
          <List triggers={others} />
        </details>
      )}
    </>
  );
}

function List({ triggers }: { triggers: readonly Judgement[] }): JSX.Element {
  return (
    <ul className={classes.list}>
      {triggers.map((judgement) => (
        <li key={judgement.trigger_id}>
          <AppLink to={`/triggers/${judgement.trigger_id}`}>
            {visibleLine(judgement.trigger)}
          </AppLink>
          : {whyOf(judgement)} {judgement.run_id !== null && <Id id={judgement.run_id} />}
        </li>
      ))}
    </ul>
  );
}

/** The API says it in words, of which a few are its own. */
function whyOf({ why, fired, is_current_revision_newer_than_event: isNewer }: Judgement): string {
  const words = why === 'fired' ? 'fired: source, type and condition match' : visibleLine(why);
  return fired && isNewer ? `${words}; its file has changed since` : words;
}
