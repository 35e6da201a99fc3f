import { Alert } from '@mantine/core';
import type { JSX, ReactNode } from 'react';
import { Icon } from './icon.tsx';

/** What was confirmed is no longer what is there. */
export function CountChanged(props: { readonly children: ReactNode }): JSX.Element {
  return (
    <Alert
      color="yellow"
      role="alert"
      icon={<Icon name="alert" />}
      title="The count has changed, and nothing was done"
    >
      {props.children}
    </Alert>
  );
}
