import { Group, Stack, Text } from '@mantine/core';
import { useMemo } from 'react';
import type { JSX } from 'react';
import { CopyButton } from './copy-button.tsx';
import { JsonNode } from './json-node.tsx';
import classes from './json-viewer.module.css';
import { PlainText } from './plain-text.tsx';

/** In characters of JSON. A larger one is shown as text: its tree has more nodes than anybody opens. */
const treeMax = 1_048_576;

/**
 * JSON of any origin as a tree that opens, text nodes only. `label` says what it is.
 *
 * More than 1 Mi characters are shown as text, of an array or object 100 members at a time, and 64 levels.
 */
export function JsonViewer({ value, label }: { value: unknown; label: string }): JSX.Element {
  const text = useMemo(() => formatJson(value), [value]);
  if (text === undefined) return <Text size="sm">Nested too deeply to be shown</Text>;
  if (text.length > treeMax) {
    return (
      <Stack gap={4}>
        <Text size="sm">Too large for a tree: shown as text, cut where it says so</Text>
        <PlainText text={text} label={label} />
      </Stack>
    );
  }
  return (
    <Stack gap={4}>
      <Group justify="flex-end">
        <CopyButton text={text} what={label} />
      </Group>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reached by keyboard */}
      <div className={classes.tree} tabIndex={0} role="region" aria-label={label}>
        <JsonNode value={value} depth={0} />
      </div>
    </Stack>
  );
}

/** Undefined when it is nested more deeply than the browser's stack. */
function formatJson(value: unknown): string | undefined {
  try {
    return JSON.stringify(value, null, 2) ?? 'undefined';
  } catch {
    return undefined;
  }
}
