import type { JSX } from 'react';
import { AppLink } from '../../parts/app-link.tsx';
import { visibleLine } from '../../parts/visible-text.ts';
import type { TimelineItem } from '../../parts/timeline.tsx';
import type { Answers } from '../../../src/client/index.ts';
import classes from './judgements.module.css';

type Explanation = Answers['EventTimeline'];
type NotSentTo = NonNullable<Explanation['not_sent_to']>;
type Unsent = NotSentTo['endpoints'][number];

/** More than this stay folded: the story goes on below. */
const openMax = 6;

/** The endpoints that a published event did not go to, and why; nothing where it went to all. */
export function notSentItems({ event, not_sent_to: notSentTo }: Explanation): TimelineItem[] {
  if (!notSentTo || notSentTo.endpoints.length === 0) return [];
  return [
    {
      key: 'not-sent',
      at: event.received_at,
      icon: 'info',
      tone: 'idle',
      title: `Not sent to ${countWords(notSentTo)}`,
      detail: <NotSent {...notSentTo} />,
    },
  ];
}

function countWords({ endpoints, is_cut: isCut }: NotSentTo): string {
  if (isCut) return `more than ${endpoints.length} endpoints`;
  return endpoints.length === 1 ? 'one endpoint' : `${endpoints.length} endpoints`;
}

function NotSent({ endpoints, is_cut: isCut }: NotSentTo): JSX.Element {
  return (
    <details className={classes.others} open={endpoints.length <= openMax}>
      <summary>
        Why not, judged by what {endpoints.length === 1 ? 'it asks' : 'they ask'} for today
      </summary>
      <ul className={classes.list}>
        {endpoints.map((unsent) => (
          <li key={unsent.endpoint_id}>
            <AppLink to={`/integrations/webhooks/endpoints/${unsent.endpoint_id}`}>
              {visibleLine(unsent.endpoint_url)}
            </AppLink>
            : {visibleLine(unsent.why)}
            {unsent.decisive !== null && <Decisive part={unsent.decisive} />}
          </li>
        ))}
      </ul>
      {isCut && 'The endpoints that were made later are not told of.'}
    </details>
  );
}

/** The part of the filter that decided, and what it saw. */
function Decisive({ part }: { part: NonNullable<Unsent['decisive']> }): JSX.Element {
  const { expression, outcome, values } = part;
  const saw = values.map((each) => `${each.expression} is ${each.value}`).join(', ');
  return (
    <>
      <br />
      <code>{visibleLine(expression)}</code> is {visibleLine(outcome)}
      {saw !== '' && `: ${visibleLine(saw)}`}
    </>
  );
}
