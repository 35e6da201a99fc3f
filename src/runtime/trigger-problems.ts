/** What is wrong with a trigger file, and where. */
export interface TriggerProblem {
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  readonly column: number;
  /** The place in the document: `do.with.ref`; empty for the whole file. */
  readonly path: string;
  readonly message: string;
}

/** No more of a file than this is repeated at once: a message that quotes twice shows 120 characters. */
const quotedMax = 60;

/** `review.yaml:7:3: do.with.ref: what is wrong`. */
export function formatProblem({ file, line, column, path, message }: TriggerProblem): string {
  const place = `${file}:${line}:${column}`;
  return path === '' ? `${place}: ${message}` : `${place}: ${path}: ${message}`;
}

/** A text of the file for a message, in quotes. */
export function quote(text: string): string {
  return `"${shorten(text)}"`;
}

/** A text of the file: one line, not too long. */
export function shorten(text: string): string {
  const line = text.slice(0, 2 * quotedMax).replaceAll(/\s+/g, ' ');
  return line.length > quotedMax ? `${line.slice(0, quotedMax - 1)}…` : line;
}
