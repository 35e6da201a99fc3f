import { useMemo } from 'react';
import type { JSX } from 'react';
import { visibleLine } from '../../parts/visible-text.ts';
import { diffLines } from './diff.ts';
import type { DiffLine } from './diff.ts';
import classes from './text-lines.module.css';

const signs = { same: ' ', added: '+', removed: '−' } as const;
const tones = { same: undefined, added: 'good', removed: 'bad' } as const;
const words = { same: '', added: 'added: ', removed: 'removed: ' } as const;

/** Two texts in one, line by line: what went is red with a minus, what came green with a plus. */
export function LineDiff({ before, after }: { before: string; after: string }): JSX.Element {
  const lines = useMemo(() => numbered(diffLines(before, after)), [before, after]);
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reached by keyboard
    <pre className={classes.box} tabIndex={0} role="region" aria-label="what changed">
      {lines.map(({ key, kind, text }) => (
        <span key={key} className={classes.line} data-tone={tones[kind]}>
          <span className={classes.sign} aria-hidden="true">
            {signs[kind]}
          </span>
          <span className={classes.spoken}>{words[kind]}</span>
          <span className={classes.text}>{visibleLine(text)}</span>
        </span>
      ))}
    </pre>
  );
}

function numbered(lines: readonly DiffLine[]): (DiffLine & { readonly key: number })[] {
  return lines.map((line, key) => ({ ...line, key }));
}
