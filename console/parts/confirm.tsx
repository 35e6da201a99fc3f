import { Button, Group, Modal, Stack } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { JSX, ReactNode } from 'react';
import { useUnseenFailure } from '../api/change.ts';
import { ProblemAlert } from './problem-alert.tsx';

export interface ConfirmOneProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  /** As "Delete the integration". */
  readonly title: string;
  /** The verb on the button: "Delete". */
  readonly confirmLabel: string;
  /** Nothing brings it back: the button is red. */
  readonly isDanger?: boolean;
  /** Of the other button, where "Cancel" could be taken for the action. */
  readonly dismissLabel?: string;
  /** What it touches. */
  readonly children: ReactNode;
  /** Do it. What it throws is shown, and it can be tried again. */
  readonly run: () => Promise<unknown>;
  /** Called after it worked, when the dialog has closed. */
  readonly onDone?: () => void;
}

/** Before something happens to one thing: what it touches. For many things: `ConfirmWithPreview`. */
export function ConfirmOne(props: ConfirmOneProps): JSX.Element {
  return (
    <Modal
      opened={props.isOpen}
      onClose={props.onClose}
      title={props.title}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Question {...props} />
    </Modal>
  );
}

function Question(props: ConfirmOneProps): JSX.Element {
  const { children, confirmLabel, isDanger, run, onClose, onDone } = props;
  const client = useQueryClient();
  const running = useMutation({
    mutationFn: run,
    onError: useUnseenFailure(),
    onSuccess: async () => {
      onClose();
      onDone?.();
      await client.invalidateQueries();
    },
  });
  return (
    <Stack gap="md">
      {running.error && <ProblemAlert error={running.error} />}
      {children}
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          {props.dismissLabel ?? 'Cancel'}
        </Button>
        <Button
          loading={running.isPending}
          onClick={() => running.mutate()}
          {...(isDanger === true ? { color: 'red' } : {})}
        >
          {confirmLabel}
        </Button>
      </Group>
    </Stack>
  );
}
