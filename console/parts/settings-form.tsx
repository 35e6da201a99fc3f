import { Button, Group, Paper, Stack, Title } from '@mantine/core';
import type { JSX, ReactNode } from 'react';
import { ProblemAlert } from './problem-alert.tsx';

export interface SettingsFormProps {
  /** Nothing was typed that differs from what is kept. */
  readonly isSame: boolean;
  readonly isPending: boolean;
  readonly error: Error | null;
  readonly onSave: () => void;
  readonly onUndo: () => void;
  readonly children: ReactNode;
}

/** The settings of one thing: its fields, what is wrong with them, and two buttons. */
export function SettingsForm(props: SettingsFormProps): JSX.Element {
  const { isSame, isPending, error, onSave, onUndo, children } = props;
  return (
    <Paper component="section" withBorder p="md" aria-labelledby="settings">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          onSave();
        }}
      >
        <Stack gap="sm" maw={640}>
          <Title order={2} id="settings">
            Settings
          </Title>
          {children}
          {error && <ProblemAlert error={error} />}
          <Group gap="xs">
            <Button type="submit" size="xs" disabled={isSame} loading={isPending}>
              Save the settings
            </Button>
            {!isSame && (
              <Button size="xs" variant="default" onClick={onUndo}>
                Undo
              </Button>
            )}
          </Group>
        </Stack>
      </form>
    </Paper>
  );
}
