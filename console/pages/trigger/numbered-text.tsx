import { Group, Stack } from '@mantine/core';
import type { JSX } from 'react';
import { CopyButton } from '../../parts/copy-button.tsx';
import { visibleLine } from '../../parts/visible-text.ts';
import classes from './text-lines.module.css';

/** A file with the numbers of its lines, which problems name. The numbers are not copied. */
export function NumberedText({ text, label }: { text: string; label: string }): JSX.Element {
  const lines = text.replace(/\n$/, '').split('\n');
  return (
    <Stack gap={4}>
      <Group justify="flex-end">
        <CopyButton text={text} what={label} />
      </Group>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reached by keyboard */}
      <pre className={classes.box} tabIndex={0} role="region" aria-label={label}>
        {lines
          .map((line, index) => ({ line, number: index + 1 }))
          .map(({ line, number }) => (
            <span key={number} className={classes.line}>
              <span className={classes.number} data-number={number} />
              <span className={classes.text}>{visibleLine(line)}</span>
            </span>
          ))}
      </pre>
    </Stack>
  );
}
