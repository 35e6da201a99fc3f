import { Button, Group, Progress, Stack, Text } from '@mantine/core';
import { useEffect, useRef } from 'react';
import type { JSX } from 'react';
import { Id } from './id.tsx';
import { Badge } from './state-badge.tsx';
import { visibleLine } from './visible-text.ts';

/** What became of one thing. */
export interface ItemResult {
  readonly id: string;
  readonly isOk: boolean;
  /** As "redriven", or why not. */
  readonly text: string;
}

/** More lines than this nobody reads; those that failed come first. */
const shownMax = 200;

/** How far a run is; part of `ConfirmWithPreview`. */
export function RunProgress({ done, total }: { done: number; total: number }): JSX.Element {
  const isCounted = total > 0;
  const percent = isCounted ? (done / total) * 100 : 100;
  return (
    <Stack gap="xs" role="status">
      <Text size="sm">{isCounted ? `${done} of ${total}` : 'Under way'}</Text>
      <Progress value={percent} animated={!isCounted} aria-label="Progress" />
    </Stack>
  );
}

/** What became of each; part of `ConfirmWithPreview`. */
export function RunResults(props: {
  results: readonly ItemResult[];
  onClose: () => void;
}): JSX.Element {
  const { results, onClose } = props;
  const close = useRef<HTMLButtonElement>(null);
  useEffect(() => close.current?.focus(), []); // The button that was pressed is gone.
  const failed = results.filter(({ isOk }) => !isOk);
  const shown = [...failed, ...results.filter(({ isOk }) => isOk)].slice(0, shownMax);
  return (
    <Stack gap="xs" role="status">
      <Text fw={600}>
        {results.length - failed.length} done
        {failed.length > 0 && `, ${failed.length} not`}
      </Text>
      {shown.map(({ id, isOk, text }) => (
        <Group key={id} gap="xs">
          <Badge tone={isOk ? 'good' : 'bad'} icon={isOk ? 'check' : 'close'}>
            {isOk ? 'done' : 'not done'}
          </Badge>
          <Id id={id} />
          <Text size="sm">{visibleLine(text)}</Text>
        </Group>
      ))}
      {results.length > shownMax && (
        <Text size="sm" c="dimmed">
          and {results.length - shownMax} more
        </Text>
      )}
      <Group justify="flex-end">
        <Button ref={close} onClick={onClose}>
          Close
        </Button>
      </Group>
    </Stack>
  );
}
