import { Alert, Text } from '@mantine/core';
import type { JSX } from 'react';
import { Icon } from '../../parts/icon.tsx';
import { visibleText } from '../../parts/visible-text.ts';

/** Why the platform holds a trigger: it fires for nothing until a person enables it. */
export function Quarantine({ reason }: { reason: string }): JSX.Element {
  return (
    <Alert
      color="red"
      role="alert"
      mb="md"
      icon={<Icon name="stop" />}
      title="The platform holds it: it fires for nothing"
    >
      <Text size="sm">{visibleText(reason)}</Text>
      <Text size="sm" mt="xs">
        Correct what is wrong, then enable it.
      </Text>
    </Alert>
  );
}
