import { z } from 'zod';
import type { ProblemCode, ProblemItem } from './problem.ts';
import { nearest } from './nearest.ts';
import { operationalEvents } from './operational-events.ts';

const id = z.string().min(1);
const count = z.number().int().min(0);
const amount = z.number().min(0);

/** What the catalog says of one event type. */
interface CatalogEntry {
  readonly summary: string;
  /** When it is emitted. */
  readonly when: string;
  /** So many that only endpoints that name it get it; a glob does not bring it. */
  readonly isVerbose: boolean;
  /** Fields beyond these are handed on as they are. */
  readonly data: z.ZodType;
  readonly example: Readonly<Record<string, unknown>>;
}

/** The outbound event types: one entry each. API, validation and docs read this table. */
export const catalog = {
  'session.created': {
    summary: 'A session was created',
    when: 'as soon as it is recorded',
    isVerbose: false,
    data: z.looseObject({ session_id: id, tenant_id: id, user_id: id }),
    example: { session_id: 'ses_1', tenant_id: 'ten_1', user_id: 'lwei' },
  },
  'session.finished': {
    summary: 'A session came to its end',
    when: 'once its cost and artifacts are known',
    isVerbose: false,
    data: z.looseObject({ session_id: id, cost: amount, artifacts: z.array(z.unknown()) }),
    example: { session_id: 'ses_1', cost: 0.42, artifacts: [{ name: 'report.md' }] },
  },
  'session.archived': {
    summary: 'A session was archived',
    when: 'when it takes no more work',
    isVerbose: false,
    data: z.looseObject({ session_id: id }),
    example: { session_id: 'ses_1' },
  },
  'tool.called': {
    summary: 'A session called a tool',
    when: 'at each call, with a hash of its arguments',
    isVerbose: false,
    data: z.looseObject({ tool_name: id, session_id: id, args_hash: id }),
    example: { tool_name: 'search', session_id: 'ses_1', args_hash: 'sha256:9f86d081' },
  },
  'tool.error': {
    summary: 'A tool call ended in an error',
    when: 'at each failed call',
    isVerbose: false,
    data: z.looseObject({ tool_name: id, error: id, session_id: id }),
    example: { tool_name: 'search', error: 'timeout', session_id: 'ses_1' },
  },
  'agent.step': {
    summary: 'The agent took a step',
    when: 'at each step of a session',
    isVerbose: true,
    data: z.looseObject({ action: id, confidence: z.number().min(0).max(1), session_id: id }),
    example: { action: 'read_file', confidence: 0.93, session_id: 'ses_1' },
  },
  'review.completed': {
    summary: 'A review of a change is done',
    when: 'once its report can be read',
    isVerbose: false,
    data: z.looseObject({ pr_url: z.url(), report_url: z.url(), issues_found: count }),
    example: {
      pr_url: 'https://github.com/acme-labs/checkout/pull/482',
      report_url: 'https://reports.example.test/1',
      issues_found: 3,
    },
  },
  'import.completed': {
    summary: 'An import is through',
    when: 'also when some of it could not be taken',
    isVerbose: false,
    data: z.looseObject({ source: id, count, errors: z.array(z.unknown()) }),
    example: { source: 'github', count: 1, errors: [] },
  },
  'cost.threshold_exceeded': {
    summary: 'A tenant spent more than its threshold',
    when: 'once per period and threshold',
    isVerbose: false,
    data: z.looseObject({ tenant_id: id, period: id, amount }),
    example: { tenant_id: 'ten_1', period: '2026-11', amount: 100 },
  },
  ...operationalEvents,
} as const satisfies Record<string, CatalogEntry>;

/** A tenant's own types: `custom.` and a dotted name. Their data may be any object. */
export const customType = /^custom\.[a-z0-9_.-]{1,100}$/;

/** Whether only endpoints that name a type get it. */
export function isVerboseType(type: string): boolean {
  return Object.entries(catalog).some(([name, { isVerbose }]) => name === type && isVerbose);
}

/** The type of the catalog that a misspelt one was meant to be, or `undefined`. */
export function nearestEventType(type: string): string | undefined {
  return nearest(type, Object.keys(catalog));
}

export type ParsedData =
  | { readonly isValid: true }
  | {
      readonly isValid: false;
      readonly code: ProblemCode;
      readonly detail: string;
      readonly errors: readonly ProblemItem[];
    };

/** Check an event's data against what the catalog says of its type; each mistake by its JSON pointer. */
export function checkEventData(type: string, data: unknown): ParsedData {
  const schema = schemaOf(type);
  if (!schema) {
    const meant = nearestEventType(type);
    const hint =
      meant === undefined ? 'GET /v1/event-types lists them' : `did you mean "${meant}"?`;
    const detail = `"${type}" is not in the catalog: ${hint}`;
    return {
      isValid: false,
      code: 'unknown-event-type',
      detail,
      errors: [{ pointer: '/type', detail }],
    };
  }
  const parsed = schema.safeParse(data);
  if (parsed.success) return { isValid: true };
  const errors = parsed.error.issues.map(({ path, message }) => ({
    pointer: ['/data', ...path.map(String)].join('/'),
    detail: message,
  }));
  return {
    isValid: false,
    code: 'invalid-request',
    detail: `The data do not fit "${type}"`,
    errors,
  };
}

function schemaOf(type: string): z.ZodType | undefined {
  const entry = Object.entries(catalog).find(([name]) => name === type);
  if (entry) return entry[1].data;
  return customType.test(type) ? z.record(z.string(), z.unknown()) : undefined;
}
