/** One wrong field: a JSON pointer, or `?name` for a query parameter. */
export interface ProblemItem {
  readonly pointer: string;
  readonly detail: string;
}

/** What a problem says. */
interface ProblemFacts {
  /** As `not-found`. */
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly requestId: string | undefined;
  readonly errors: readonly ProblemItem[];
}

/** What the API answered instead of a success (RFC 9457), or that it did not answer: then `status` is 0. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  readonly status: number;
  readonly said: ProblemFacts;

  constructor(status: number, said: ProblemFacts) {
    super(`${said.title}: ${said.detail}`);
    this.status = status;
    this.said = said;
  }
}

/** Read the body of an answer that is no success. It may come from a proxy, and be anything. */
export function toProblem(status: number, body: unknown): ApiProblem {
  const text = (name: string): string | undefined => textOf(fieldOf(body, name));
  return new ApiProblem(status, {
    code: text('type')?.replace(/^.*\//, '') ?? 'unknown',
    title: text('title') ?? `The server answered ${status}`,
    detail: text('detail') ?? 'The answer says no more',
    requestId: text('request_id'),
    errors: itemsOf(fieldOf(body, 'errors')),
  });
}

/** Nothing answered: the server is away, or the line is cut. */
export function unreachable(): ApiProblem {
  const title = 'The server does not answer';
  const detail = 'Is it running? It is asked again until it is back';
  return new ApiProblem(0, {
    code: 'unreachable',
    title,
    detail,
    requestId: undefined,
    errors: [],
  });
}

/** Any thrown thing as a problem. */
export function problemOf(error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error;
  const detail = error instanceof Error ? error.message : String(error);
  const title = 'The console failed';
  return new ApiProblem(0, { code: 'console', title, detail, requestId: undefined, errors: [] });
}

/**
 * What a problem says about one field of a form, for its `error`; undefined when it is not wrong.
 *
 * @param pointer - as `/url`; what is wrong inside of it counts, as `/event_types/0`
 */
export function detailAt(error: unknown, pointer: string): string | undefined {
  if (!(error instanceof ApiProblem)) return undefined;
  const items = error.said.errors.filter(
    (item) => item.pointer === pointer || item.pointer.startsWith(`${pointer}/`),
  );
  return items.length === 0 ? undefined : items.map(({ detail }) => detail).join('; ');
}

/** Whether it says that what a person confirmed is no longer what is there: nothing was done. */
export function isCountChanged(error: unknown): boolean {
  return error instanceof ApiProblem && error.said.code === 'confirm-needed';
}

function itemsOf(value: unknown): ProblemItem[] {
  if (!Array.isArray(value)) return [];
  return value.map((item: unknown) => ({
    pointer: textOf(fieldOf(item, 'pointer')) ?? '',
    detail: textOf(fieldOf(item, 'detail')) ?? '',
  }));
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.getOwnPropertyDescriptor(value, name)?.value
    : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
