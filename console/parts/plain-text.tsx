import { Button, Group, Stack } from '@mantine/core';
import { useState } from 'react';
import type { JSX } from 'react';
import { CopyButton } from './copy-button.tsx';
import classes from './plain-text.module.css';
import { visibleText } from './visible-text.ts';

/** In characters. A browser lays out this much without a pause. */
const stepLength = 262_144;

/** Foreign text as it is, its hidden characters by name, 256 Ki characters at a time. `label` says what it is. */
export function PlainText({ text, label }: { text: string; label: string }): JSX.Element {
  const [length, setLength] = useState(stepLength);
  if (text === '') return <span>Empty</span>;
  return (
    <Stack gap={4}>
      <Group justify="flex-end">
        <CopyButton text={text} what={label} />
      </Group>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reached by keyboard */}
      <pre className={classes.text} tabIndex={0} role="region" aria-label={label}>
        {visibleText(text.slice(0, length))}
      </pre>
      {text.length > length && (
        <Button variant="default" size="xs" onClick={() => setLength(length + stepLength)}>
          Show more: {Math.round((text.length - length) / 1024)} Ki characters are left
        </Button>
      )}
    </Stack>
  );
}
