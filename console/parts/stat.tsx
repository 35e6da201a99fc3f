import type { JSX, ReactNode } from 'react';
import { AppLink } from './app-link.tsx';
import classes from './stat.module.css';
import type { Tone } from './state-badge.tsx';

export interface StatProps {
  readonly label: string;
  /** A number is shown with separators; undefined while it is loading. */
  readonly value: number | string | undefined;
  /** Colors the value; leave it out where there is nothing to say. */
  readonly tone?: Tone | undefined;
  /** The page with what was counted. */
  readonly to?: string;
  /** Below the label. */
  readonly note?: ReactNode;
}

/** One figure, what it counts, and the way to it. */
export function Stat({ label, value, tone, to, note }: StatProps): JSX.Element {
  const shown = typeof value === 'number' ? value.toLocaleString('en') : (value ?? '…');
  const content = (
    <>
      <span className={classes.value} data-tone={tone}>
        {shown}
      </span>
      <br />
      <span className={classes.label}>{label}</span>
      {note !== undefined && <span className={classes.label}> · {note}</span>}
    </>
  );
  if (to === undefined) return <div className={classes.stat}>{content}</div>;
  return (
    <AppLink to={to} className={classes.stat}>
      {content}
    </AppLink>
  );
}
