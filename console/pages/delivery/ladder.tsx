import type { JSX } from 'react';
import { Icon } from '../../parts/icon.tsx';
import { outcomeWords } from '../../parts/reason-words.ts';
import { Countdown, Duration } from '../../parts/time.tsx';
import classes from './ladder.module.css';
import { looks, waitWords } from './rungs.ts';
import type { Rung } from './rungs.ts';

export interface LadderProps {
  readonly rungs: readonly Rung[];
  /** The number of the attempt that is looked at. */
  readonly chosen: number;
  readonly onChoose: (number: number) => void;
}

/** The slots of a cycle: what was made, what comes when, and what is not needed. */
export function Ladder({ rungs, chosen, onChoose }: LadderProps): JSX.Element {
  return (
    <ol className={classes.ladder} aria-label="Attempts of the cycle">
      {rungs.map((rung) => (
        <li key={rung.number}>
          <Slot rung={rung} isChosen={rung.number === chosen} onChoose={onChoose} />
        </li>
      ))}
    </ol>
  );
}

function Slot(props: {
  rung: Rung;
  isChosen: boolean;
  onChoose: LadderProps['onChoose'];
}): JSX.Element {
  const { rung, isChosen, onChoose } = props;
  const { words, tone, icon } = looks[rung.state];
  return (
    <button
      type="button"
      className={classes.slot}
      data-tone={tone}
      aria-pressed={isChosen}
      onClick={() => onChoose(rung.number)}
    >
      <span>
        <strong>Attempt {rung.number}</strong>{' '}
        <span className={classes.wait}>{waitWords(rung)}</span>
      </span>
      <span className={classes.state}>
        <Icon name={icon} size={14} /> {words}
      </span>
      <span>
        <Detail rung={rung} />
      </span>
    </button>
  );
}

function Detail({ rung: { state, at, attempt } }: { rung: Rung }): JSX.Element | null {
  if (attempt) {
    const { status, reason, duration_ms: ms } = attempt;
    return (
      <>
        {outcomeWords(status, reason)}, <Duration ms={ms} />
      </>
    );
  }
  if (state === 'failed') return <>Not recorded: interrupted</>;
  if (state === 'scheduled' && at !== null) return <Countdown to={at} doneText="due now" />;
  if (state === 'scheduled') return <>Not begun</>;
  return null;
}
