import { Group, Text, Title } from '@mantine/core';
import { useEffect } from 'react';
import type { JSX, ReactNode } from 'react';

export interface PageHeaderProps {
  /** Also the title of the browser's tab. */
  readonly title: string;
  /** One sentence: what this page is for. */
  readonly about?: ReactNode;
  /** Beside the title: a state. */
  readonly badge?: ReactNode;
  /** Buttons, at the right. */
  readonly actions?: ReactNode;
}

/** The head of every page: its h1 and what can be done. */
export function PageHeader({ title, about, badge, actions }: PageHeaderProps): JSX.Element {
  useEffect(() => {
    document.title = `${title} · Durahook`;
  }, [title]);
  return (
    <Group justify="space-between" align="flex-start" mb="md" gap="sm">
      <div style={{ minWidth: 0 }}>
        <Group gap="sm">
          <Title order={1}>{title}</Title>
          {badge}
        </Group>
        {about !== undefined && (
          <Text size="sm" c="dimmed" component="div" maw={760}>
            {about}
          </Text>
        )}
      </div>
      {actions !== undefined && <Group gap="xs">{actions}</Group>}
    </Group>
  );
}
