import { z } from 'zod';

/** What went wrong, for a person at a terminal: never a stack, never JSON. */
export function errorText(error: unknown): string {
  if (error instanceof z.ZodError) {
    return `What was read has another form than it should:\n${z.prettifyError(error)}`;
  }
  if (!(error instanceof Error)) return String(error);
  if (isFileError(error)) return `Cannot read "${error.path}": ${error.code}`;
  // A name with several addresses fails with one error for each, and no text of its own.
  if (error instanceof AggregateError && error.message === '') return errorText(error.errors[0]);
  return error.message;
}

function isFileError(error: Error): error is Error & { code: string; path: string } {
  return (
    'code' in error &&
    typeof error.code === 'string' &&
    'path' in error &&
    typeof error.path === 'string'
  );
}
