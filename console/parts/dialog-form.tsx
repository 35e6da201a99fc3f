import { Button, Group, Stack } from '@mantine/core';
import type { JSX, ReactNode } from 'react';
import { ProblemAlert } from './problem-alert.tsx';

export interface DialogFormProps {
  /** The verb on the button: "Start the import". */
  readonly submitLabel: string;
  readonly isPending: boolean;
  readonly error: Error | null;
  /** False: something is missing, and the fields say what. */
  readonly canSubmit: boolean;
  readonly onSubmit: () => void;
  readonly onClose: () => void;
  /** The fields. */
  readonly children: ReactNode;
}

/** A form in a `Modal`: what the API says is wrong, the fields, and two buttons. */
export function DialogForm(props: DialogFormProps): JSX.Element {
  const { submitLabel, isPending, error, canSubmit, onSubmit, onClose, children } = props;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      <Stack gap="md">
        {error && <ProblemAlert error={error} />}
        {children}
        <Group justify="flex-end">
          <Button variant="default" disabled={isPending} onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={isPending} disabled={!canSubmit}>
            {submitLabel}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
