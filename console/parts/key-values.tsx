import { Fragment } from 'react';
import type { JSX, ReactNode } from 'react';
import classes from './facts.module.css';
import { visibleLine, visibleText } from './visible-text.ts';

/** Facts of one thing: `[['Created', <Time … />], …]`. Null shows a dash; undefined leaves the fact out. */
export function KeyValues({
  facts,
}: {
  facts: readonly (readonly [string, ReactNode])[];
}): JSX.Element {
  return (
    <dl className={classes.facts}>
      {facts
        .filter(([, value]) => value !== undefined)
        .map(([name, value]) => (
          <Fragment key={name}>
            <dt>{name}</dt>
            <dd>{value ?? '–'}</dd>
          </Fragment>
        ))}
    </dl>
  );
}

/** HTTP headers by name, as they came. */
export function HeaderTable({
  headers,
}: {
  headers: Readonly<Record<string, unknown>>;
}): JSX.Element {
  const entries = Object.entries(headers).toSorted(([a], [b]) => a.localeCompare(b));
  if (entries.length === 0) return <span>None</span>;
  return (
    <dl className={`${classes.facts} ${classes.mono}`}>
      {entries.map(([name, value]) => (
        <Fragment key={name}>
          <dt>{visibleLine(name)}</dt>
          <dd>{visibleText(typeof value === 'string' ? value : JSON.stringify(value))}</dd>
        </Fragment>
      ))}
    </dl>
  );
}
