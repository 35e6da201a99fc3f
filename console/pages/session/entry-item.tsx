import { useState } from 'react';
import type { JSX, ReactNode } from 'react';
import { CopyButton } from '../../parts/copy-button.tsx';
import { Id } from '../../parts/id.tsx';
import { moneyWords } from '../../parts/money-words.ts';
import type { TimelineItem } from '../../parts/timeline.tsx';
import { Time } from '../../parts/time.tsx';
import { visibleLine, visibleText } from '../../parts/visible-text.ts';
import type { Entry } from './session-words.ts';
import { fieldsOf, Value } from './value.tsx';

/** What one entry is shown as: its look, its words and what belongs to it. */
type Shown = Pick<TimelineItem, 'icon' | 'tone' | 'title'> & { readonly detail?: ReactNode };

const shown: Readonly<Record<Entry['kind'], (entry: Entry) => Shown>> = {
  event: shownEvent,
  step: shownStep,
  tool: shownTool,
  finish: shownFinish,
  archive: () => ({ icon: 'stop', tone: 'idle', title: 'Archived: it takes nothing more' }),
  error: shownRefusal,
};

/** An entry of a session for the timeline. */
export function entryItem(entry: Entry): TimelineItem {
  const { number, at, event_id: eventId, id } = entry;
  const { detail, ...look } = shown[entry.kind](entry);
  return {
    key: String(number),
    at,
    ...look,
    detail: (
      <>
        {detail}
        <div>
          Entry {number}
          {id !== null && `, “${visibleLine(id)}” of the agent`}
          {eventId !== null && (
            <>
              , event <Id id={eventId} />
            </>
          )}
        </div>
      </>
    ),
  };
}

function shownEvent({ number, event_id: eventId, data, told_at: toldAt }: Entry): Shown {
  return {
    icon: 'bolt',
    tone: 'busy',
    title: eventId === null ? 'The API handed it an input' : 'An event reached it',
    detail: (
      <>
        <div>
          {toldAt === null ? (
            'The agent has not taken it yet'
          ) : (
            <>
              The agent took it <Time at={toldAt} />
            </>
          )}
        </div>
        <Opened title="What it says">
          <Value value={data} label={`the input of entry ${number}`} />
        </Opened>
      </>
    ),
  };
}

function shownStep({ number, data }: Entry): Shown {
  const { action, confidence, ...rest } = fieldsOf(data);
  return {
    icon: 'play',
    tone: 'busy',
    title: `Step ${wordsOf(action)}`,
    detail: (
      <>
        {typeof confidence === 'number' && (
          <div>Confidence {(confidence * 100).toLocaleString('en', confidenceDigits)} %</div>
        )}
        {Object.keys(rest).length > 0 && <Value value={rest} label={`step ${number}`} />}
      </>
    ),
  };
}

const confidenceDigits = { maximumFractionDigits: 1 };

function shownTool({ data }: Entry): Shown {
  const { tool_name: name, args_hash: hash, error, error_event_id: errorId } = fieldsOf(data);
  const arguments_ = typeof hash === 'string' && <Hash text={hash} />;
  if (typeof error !== 'string') {
    return { icon: 'send', tone: 'good', title: `Tool ${wordsOf(name)}`, detail: arguments_ };
  }
  return {
    icon: 'close',
    tone: 'bad',
    title: `Tool ${wordsOf(name)} failed`,
    detail: (
      <>
        <div style={{ whiteSpace: 'pre-wrap' }}>{visibleText(error)}</div>
        {arguments_}
        {typeof errorId === 'string' && (
          <div>
            Published as tool.error: <Id id={errorId} />
          </div>
        )}
      </>
    ),
  };
}

function Hash({ text }: { text: string }): JSX.Element {
  return (
    <div>
      Arguments <code>{visibleLine(text)}</code>{' '}
      <CopyButton text={text} what="the hash of the arguments" />
    </div>
  );
}

function shownFinish({ data }: Entry): Shown {
  const { cost, currency, artifacts } = fieldsOf(data);
  const count = Array.isArray(artifacts) ? artifacts.length : 0;
  const made = count === 1 ? '1 artifact' : `${count.toLocaleString('en')} artifacts`;
  const price = typeof cost === 'number' ? `for ${moneyWords(cost, String(currency))}, ` : '';
  return { icon: 'check', tone: 'good', title: `Finished ${price}with ${made}` };
}

function shownRefusal({ data }: Entry): Shown {
  const { failure } = fieldsOf(data);
  return { icon: 'alert', tone: 'bad', title: wordsOf(failure) };
}

function wordsOf(field: unknown): string {
  return typeof field === 'string' ? visibleLine(field) : '–';
}

/** What is read by few, and may be large: rendered only while it is open. */
function Opened({ title, children }: { title: string; children: ReactNode }): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  return (
    <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>{title}</summary>
      {isOpen && children}
    </details>
  );
}
