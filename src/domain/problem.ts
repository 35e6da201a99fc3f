/** Everything the API can answer besides success: one line per problem (RFC 9457). */
export const problems = {
  'invalid-request': { status: 422, title: 'The request does not match its schema' },
  'malformed-json': { status: 400, title: 'The body is not JSON' },
  'body-too-large': { status: 413, title: 'The body is too large' },
  'unsupported-content-type': { status: 415, title: 'The body must be application/json' },
  'key-missing': { status: 401, title: 'An API key is needed' },
  'key-unknown': { status: 401, title: 'The API key is not valid' },
  'scope-missing': { status: 403, title: 'The API key may not do this' },
  'not-found': { status: 404, title: 'There is no such thing' },
  'method-not-allowed': { status: 405, title: 'The address does not take this method' },
  'unknown-event-type': { status: 422, title: 'The event type is not in the catalog' },
  'last-secret': { status: 409, title: 'An endpoint keeps one shared secret' },
  'url-refused': { status: 422, title: 'The endpoint URL cannot be used' },
  'delivery-not-ended': { status: 409, title: 'Only a delivery that has ended can be redriven' },
  'redrive-refused': { status: 409, title: 'What is to be sent again can not be sent now' },
  'delivery-not-waiting': { status: 409, title: 'The delivery does not wait for an attempt' },
  'delivery-in-line': { status: 409, title: 'Another delivery of its key goes first' },
  'endpoint-paused': { status: 409, title: 'The endpoint is paused' },
  'ack-token-invalid': { status: 401, title: 'The token is not of this delivery' },
  'ack-too-late': { status: 409, title: 'Nobody waits for this acknowledgement' },
  'ack-too-early': { status: 409, title: 'The answer to the attempt is not recorded yet' },
  'run-not-ended': { status: 409, title: 'Only a trigger run that has ended can be redriven' },
  'integration-disabled': { status: 409, title: 'The integration is disabled' },
  'not-releasable': { status: 409, title: 'The rejected request cannot be released' },
  'confirm-needed': { status: 409, title: 'So many need a confirmation' },
  'replay-state': { status: 409, title: 'The state of the replay does not allow this' },
  'trigger-is-a-file': { status: 409, title: 'The trigger comes from a file' },
  'trigger-name-taken': { status: 409, title: 'There is a trigger of this name' },
  'trigger-changed': { status: 409, title: 'Another revision was saved meanwhile' },
  'session-ended': { status: 409, title: 'The session has ended' },
  'report-id-taken': { status: 409, title: 'Another report of the session has this id' },
  'still-rejected': { status: 422, title: 'The rejected request does not verify today either' },
  'too-many-requests': { status: 429, title: 'The quota is used up' },
  'idempotency-key-in-use': { status: 409, title: 'A request with this key is under way' },
  'idempotency-key-reused': { status: 422, title: 'The key stands for another request' },
  'login-needed': { status: 401, title: 'Log in first' },
  'cross-site': { status: 403, title: 'The request comes from another site' },
  unavailable: { status: 503, title: 'A part of the platform is away' },
  internal: { status: 500, title: 'Something went wrong on our side' },
} as const;

export type ProblemCode = keyof typeof problems;

/** Where in the request a problem lies: a JSON pointer and what to change there. */
export interface ProblemItem {
  readonly pointer: string;
  readonly detail: string;
}

/** Thrown where a request cannot go on; rendered once, in `server/problem.ts`. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly code: ProblemCode;
  readonly errors: readonly ProblemItem[];
  /** In how many seconds the same request may do; undefined where waiting changes nothing. */
  readonly retryAfterS?: number;

  constructor(code: ProblemCode, detail: string, errors: readonly ProblemItem[] = []) {
    super(detail);
    this.code = code;
    this.errors = errors;
  }
}

/** A problem that goes away by itself in so many seconds. */
export function passingProblem(code: ProblemCode, detail: string, retryAfterS: number): Problem {
  return Object.assign(new Problem(code, detail), { retryAfterS });
}
