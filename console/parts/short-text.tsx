import type { JSX } from 'react';
import classes from './short-text.module.css';
import { visibleLine } from './visible-text.ts';

/** Text of any length in a cell of a table: two lines of it, and all of it when it is pointed at. */
export function ShortText({ text }: { text: string }): JSX.Element {
  const shown = visibleLine(text);
  return (
    <span className={classes.text} title={shown}>
      {shown}
    </span>
  );
}
