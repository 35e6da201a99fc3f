import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { UseMutationResult } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { problemOf } from './problem.ts';

/**
 * Do something that changes what the API answers, then read again what is shown.
 *
 * A failure is told at the foot of the page; show `error` beside a form too, where fields can be wrong.
 *
 * @param run - as `({ id }) => answerOf(api.POST('/v1/…', …))`
 * @param done - what to say when it worked; nothing without it
 */
export function useChange<I, T>(
  run: (input: I) => Promise<T>,
  done?: (result: T) => string,
): UseMutationResult<T, Error, I> {
  const client = useQueryClient();
  return useMutation({
    mutationFn: run,
    onSuccess: async (result) => {
      if (done) notifications.show({ message: done(result), color: 'green' });
      await client.invalidateQueries();
    },
    onError: tellFailure,
  });
}

/** Long enough to be read, and to be found by who looked elsewhere; what worked says less and goes sooner. */
const failureMs = 15_000;

/** Say at the foot of the page that something did not work. */
export function tellFailure(error: Error): void {
  const { title, detail } = problemOf(error).said;
  notifications.show({ title, message: detail, color: 'red', autoClose: failureMs });
}

/**
 * For what runs in a dialog and is told there: its `onError`, which says the failure at the foot of the page when the
 * dialog was closed meanwhile.
 */
export function useUnseenFailure(): (error: Error) => void {
  const isShown = useRef(false);
  useEffect(() => {
    isShown.current = true;
    return () => {
      isShown.current = false;
    };
  }, []);
  return (error) => {
    if (!isShown.current) tellFailure(error);
  };
}
