import { Modal } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { UseMutationResult } from '@tanstack/react-query';
import { createContext, useContext, useEffect, useState } from 'react';
import type { JSX, ReactNode } from 'react';

/** Tells the dialog around whether there is something in it that closing would throw away. */
const Hold = createContext<(isHeld: boolean) => void>(() => undefined);

export interface SecretDialogProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly title: string;
  /** Uses `useSecretChange`; its own buttons close the dialog when the secret was copied. */
  readonly children: ReactNode;
}

/** A dialog that ends with a secret that is told this once: while it is made and shown, no slip closes it. */
export function SecretDialog(props: SecretDialogProps): JSX.Element {
  const [isHeld, setHeld] = useState(false);
  return (
    <Modal
      opened={props.isOpen}
      onClose={props.onClose}
      title={props.title}
      size="lg"
      closeOnClickOutside={false}
      closeOnEscape={!isHeld}
      withCloseButton={!isHeld}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Hold value={setHeld}>{props.children}</Hold>
    </Modal>
  );
}

/**
 * As `useChange`, in a `SecretDialog`: `data` has the secret as soon as it is made, and what is shown behind it is read
 * again meanwhile. A failure is the caller's to show.
 */
export function useSecretChange<I, T>(
  run: (input: I) => Promise<T>,
): UseMutationResult<T, Error, I> {
  const client = useQueryClient();
  const hold = useContext(Hold);
  const making = useMutation({
    mutationFn: run,
    onSuccess: () => void client.invalidateQueries(),
  });
  const isHeld = making.isPending || making.isSuccess;
  useEffect(() => {
    hold(isHeld);
    return () => hold(false);
  }, [hold, isHeld]);
  return making;
}
