import type { JSX } from 'react';
import { CopyButton } from './copy-button.tsx';
import classes from './copyable.module.css';
import { visibleText } from './visible-text.ts';

/** A command, URL or value in full, with a button that copies it. */
export function Copyable({ text, what = 'it' }: { text: string; what?: string }): JSX.Element {
  return (
    <div className={classes.box}>
      <code className={classes.text}>{visibleText(text)}</code>
      <CopyButton text={text} what={what} />
    </div>
  );
}
