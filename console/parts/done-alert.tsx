import { Alert } from '@mantine/core';
import type { JSX, ReactNode } from 'react';
import classes from './done-alert.module.css';
import { Icon } from './icon.tsx';

export interface DoneAlertProps {
  /** What was done: "37 redriven". */
  readonly title: string;
  /** Not all of it worked. */
  readonly isPartial?: boolean;
  /** Links to the result. */
  readonly children: ReactNode;
}

/** After something was changed: what, and where to see it. */
export function DoneAlert({ title, isPartial = false, children }: DoneAlertProps): JSX.Element {
  return (
    <Alert
      color={isPartial ? 'yellow' : 'green'}
      role="status"
      icon={<Icon name={isPartial ? 'alert' : 'check'} />}
      title={title}
      classNames={{ message: classes.done }}
      mb="sm"
    >
      {children}
    </Alert>
  );
}
