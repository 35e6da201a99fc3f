import type { JSX } from 'react';
import { Actor } from '../../parts/actor.tsx';
import { Id } from '../../parts/id.tsx';
import { KeyValues } from '../../parts/key-values.tsx';
import { Time } from '../../parts/time.tsx';
import { visibleLine } from '../../parts/visible-text.ts';
import { WorkflowLink } from '../../parts/workflow-link.tsx';
import { answerWords, filterWords, windowWords } from './replay-words.ts';
import type { Replay } from './replay-words.ts';

/** What a replay starts again, where and how, and who made it when. */
export function Facts({ replay }: { replay: Replay }): JSX.Element {
  const at = (label: string, value: string | null) =>
    [label, value === null ? undefined : <Time key={label} at={value} isExact />] as const;
  return (
    <KeyValues
      facts={[
        ['Replay', <Id key="id" id={replay.id} isFull isPlain />],
        ...filterFacts(replay),
        ...wayFacts(replay),
        ['Rate', `up to ${replay.rate} per second`],
        ['Made by', <Actor key="by" actor={replay.created_by} />],
        at('Made', replay.created_at),
        at('Started', replay.started_at),
        at('Paused', replay.paused_at),
        at('Ended', replay.ended_at),
        ['Open in Temporal', <WorkflowLink key="workflow" id={replay.id} />],
      ]}
    />
  );
}

type Fact = Parameters<typeof KeyValues>[0]['facts'][number];

function filterFacts(replay: Replay): Fact[] {
  const { filter } = replay;
  const { source, status_class: answer, filter: expression } = filter;
  return [
    ['Starts again', filterWords(replay)],
    ['Timeframe', windowWords(filter.from, filter.to)],
    ['Source', source === null ? undefined : visibleLine(source)],
    idFact('Endpoint', filter.endpoint_id),
    ['Last answered with', answer === null ? undefined : answerWords(answer)],
    ['Filter', expression === null ? undefined : <Expression key="filter" text={expression} />],
    idFact('Trigger', filter.trigger_id),
    idFact('Retries the failures of', filter.replay_id),
  ];
}

function wayFacts(replay: Replay): Fact[] {
  const { filter, target_endpoint_id: target, ids, revision } = replay;
  if (filter.direction === 'inbound') {
    const isNow = revision === 'as_now';
    return [['Triggers', isNow ? 'as they are now' : 'as they were then']];
  }
  return [
    ['Sent to', target === null ? 'the original endpoints' : <Id key="to" id={target} />],
    ['Of what it asks for', target === null ? undefined : <Asked key="asked" replay={replay} />],
    [
      'Webhook ids',
      ids === 'keep'
        ? 'kept: each delivery goes on in its next cycle'
        : 'new: each is sent in a new delivery',
    ],
  ];
}

/** What its endpoint had asked for at the start, which is what it gets. */
function Asked({ replay: { filter } }: { replay: Replay }): JSX.Element {
  const { subscription } = filter;
  if (subscription === null) return <>also those that it has not asked for</>;
  const types = subscription.event_types.map(visibleLine).join(', ');
  if (subscription.filter === null) return <>{types}</>;
  return (
    <>
      {types}, by its filter <Expression text={subscription.filter} />
    </>
  );
}

function Expression({ text }: { text: string }): JSX.Element {
  return <code>{visibleLine(text)}</code>;
}

function idFact(label: string, id: string | null): Fact {
  return [label, id === null ? undefined : <Id key={label} id={id} />];
}
