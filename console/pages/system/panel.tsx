import { Group, Paper, Stack, Title } from '@mantine/core';
import type { JSX, ReactNode } from 'react';

export interface PanelProps {
  readonly title: string;
  /** Beside the title: how it is. */
  readonly badge?: ReactNode;
  /** A button, at the right. */
  readonly action?: ReactNode;
  readonly children: ReactNode;
}

/** One part of the platform under its heading. */
export function Panel({ title, badge, action, children }: PanelProps): JSX.Element {
  return (
    <Paper component="section" withBorder p="md" aria-label={title}>
      <Stack gap="sm">
        <Group justify="space-between" gap="xs">
          <Group gap="sm">
            <Title order={2}>{title}</Title>
            {badge}
          </Group>
          {action}
        </Group>
        {children}
      </Stack>
    </Paper>
  );
}
