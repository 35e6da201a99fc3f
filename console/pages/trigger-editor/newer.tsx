import { Alert, Button, Group, Text } from '@mantine/core';
import type { JSX } from 'react';
import { Icon } from '../../parts/icon.tsx';
import type { Trigger, WrittenText } from './use-text.ts';

/** Somebody else saved a revision meanwhile: nothing is written over before it was seen. */
export function Newer(props: { trigger: Trigger; written: WrittenText }): JSX.Element | null {
  const { trigger, written } = props;
  const { base, isDirty, takeCurrent } = written;
  if (trigger.revision <= base.revision) return null;
  return (
    <Alert
      color="yellow"
      role="alert"
      icon={<Icon name="alert" />}
      title={`Revision ${trigger.revision} was saved meanwhile`}
    >
      <Text size="sm">
        The text here began from revision {base.revision}. “Difference” shows it against the new
        one.
      </Text>
      <Group gap="xs" mt="xs">
        <Button size="xs" variant="default" onClick={() => takeCurrent('its text')}>
          Take the text of revision {trigger.revision}
        </Button>
        {isDirty && (
          <Button size="xs" variant="default" onClick={() => takeCurrent('revision')}>
            Keep the text here
          </Button>
        )}
      </Group>
    </Alert>
  );
}
