import { Alert, Stack, Text } from '@mantine/core';
import type { JSX } from 'react';
import { Copyable } from './copyable.tsx';
import { Icon } from './icon.tsx';

/** A secret that the API tells this once. `name`: what it is, as "The signing secret". */
export function SecretOnce({ name, value }: { name: string; value: string }): JSX.Element {
  return (
    <Alert color="yellow" icon={<Icon name="key" />} title={`${name} is shown only now`}>
      <Stack gap="xs">
        <Text size="sm">Copy it to where it is needed: it can’t be read again, only replaced.</Text>
        <Copyable text={value} what="the secret" />
      </Stack>
    </Alert>
  );
}
