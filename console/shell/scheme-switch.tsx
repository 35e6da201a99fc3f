import { ActionIcon, useMantineColorScheme } from '@mantine/core';
import type { JSX } from 'react';
import { Icon } from '../parts/icon.tsx';

const following = { auto: 'light', light: 'dark', dark: 'auto' } as const;
const icons = { auto: 'screen', light: 'sun', dark: 'moon' } as const;
const words = { auto: 'as the system', light: 'light', dark: 'dark' } as const;

/** Light, dark, or as the system: one click goes to the next. This browser remembers it. */
export function SchemeSwitch(): JSX.Element {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const next = following[colorScheme];
  const label = `Colors: ${words[colorScheme]}; change to ${words[next]}`;
  return (
    <ActionIcon
      variant="default"
      size="lg"
      aria-label={label}
      title={label}
      onClick={() => setColorScheme(next)}
    >
      <Icon name={icons[colorScheme]} />
    </ActionIcon>
  );
}
