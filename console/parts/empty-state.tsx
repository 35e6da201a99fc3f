import { Stack, Text } from '@mantine/core';
import type { JSX, ReactNode } from 'react';
import { Copyable } from './copyable.tsx';

export interface EmptyStateProps {
  /** What there is none of: "No events yet". */
  readonly title: string;
  /** What to do about it. */
  readonly children?: ReactNode;
  /** A command that makes the first one. */
  readonly command?: string;
  /** A button. */
  readonly action?: ReactNode;
}

/** Says that there is nothing, and how something comes. */
export function EmptyState({ title, children, command, action }: EmptyStateProps): JSX.Element {
  return (
    <Stack align="center" gap="sm" py="xl" px="md" ta="center">
      <Text fw={600}>{title}</Text>
      {children !== undefined && (
        <Text size="sm" c="dimmed" maw={560} component="div">
          {children}
        </Text>
      )}
      {command !== undefined && <Copyable text={command} what="the command" />}
      {action}
    </Stack>
  );
}
