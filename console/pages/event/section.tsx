import { Paper, Stack, Title } from '@mantine/core';
import type { JSX, ReactNode } from 'react';

/** A part of the page under a heading. */
export function Section({ title, children }: { title: string; children: ReactNode }): JSX.Element {
  return (
    <Paper component="section" withBorder p="md" aria-label={title}>
      <Stack gap="sm">
        <Title order={2}>{title}</Title>
        {children}
      </Stack>
    </Paper>
  );
}
