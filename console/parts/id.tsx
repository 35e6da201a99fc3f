import type { JSX } from 'react';
import { pathOfId } from '../id-path.ts';
import { AppLink } from './app-link.tsx';
import { CopyButton } from './copy-button.tsx';
import classes from './id.module.css';
import { visibleLine } from './visible-text.ts';

/** Ids begin with their time: the end tells neighbours apart. */
const endLength = 8;

export interface IdProps {
  /** Null shows a dash. */
  readonly id: string | null | undefined;
  /** Show all of it. */
  readonly isFull?: boolean;
  /** No link: on its own page, or in a cell that is a link already. */
  readonly isPlain?: boolean;
}

/** An id, short, with a link to its page and a button that copies it. */
export function Id({ id, isFull = false, isPlain = false }: IdProps): JSX.Element {
  if (id === null || id === undefined) return <span>–</span>;
  const path = isPlain ? undefined : pathOfId(id);
  const text = isFull ? visibleLine(id) : shortId(id);
  return (
    <span className={classes.id}>
      {path === undefined ? (
        <span className={classes.text} title={id}>
          {text}
        </span>
      ) : (
        <AppLink to={path} className={classes.text} title={id}>
          {text}
        </AppLink>
      )}
      <CopyButton text={id} what={`the id ${text}`} />
    </span>
  );
}

/** `evt_…9f2c41ab`; what is short anyway stays. */
export function shortId(id: string): string {
  const text = visibleLine(id);
  const start = text.indexOf('_') + 1;
  return text.length - start <= endLength + 2
    ? text
    : `${text.slice(0, start)}…${text.slice(-endLength)}`;
}
