import { createTheme } from '@mantine/core';
import type { CSSVariablesResolver } from '@mantine/core';

/** Shade 8 is the first blue that carries white text at 4.5:1, in both schemes. */
export const theme = createTheme({
  primaryColor: 'blue',
  primaryShade: 8,
  autoContrast: true,
  cursorType: 'pointer',
  defaultRadius: 'sm',
  // The X of a notification has no name of its own.
  components: { Notification: { defaultProps: { closeButtonProps: { 'aria-label': 'Close' } } } },
  headings: { sizes: { h1: { fontSize: '1.5rem' }, h2: { fontSize: '1.125rem' } } },
});

/** Mantine's own dimmed, placeholder, error and light colors stay below the 4.5:1 of WCAG AA. */
export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': '#565e66',
    '--mantine-color-placeholder': '#656d75',
    '--mantine-color-error': '#c92a2a',
    '--mantine-color-yellow-light-color': '#7a4b00',
    '--mantine-color-green-light-color': '#1b6e35',
    '--mantine-color-orange-light-color': '#8a3300',
  },
  dark: {
    '--mantine-color-dimmed': '#a9abb0',
    '--mantine-color-placeholder': '#9fa1a6',
    '--mantine-color-error': '#ff8787',
  },
});
