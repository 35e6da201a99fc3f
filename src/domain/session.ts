/** Where a session is in its life: at work, at its end, or taking nothing more. */
export const sessionStates = ['active', 'finished', 'archived'] as const;
export type SessionState = (typeof sessionStates)[number];

/**
 * What the entries of a session tell: an event that reached it, what the agent reported, its end,
 * and what the agent refused.
 */
export const entryKinds = ['event', 'step', 'tool', 'finish', 'archive', 'error'] as const;
export type EntryKind = (typeof entryKinds)[number];

/** A session to which nothing happened for so long is archived: a person would not come back to it. */
export const sessionIdleMs = 86_400_000;

/** The currency of a cost that names none. */
export const defaultCurrency = 'USD';

/** In characters: an index holds both, and PostgreSQL takes at most some 2,700 bytes into one. */
export const nameMax = 100;
export const keyMax = 500;
export const userIdMax = 200;

/** Why a text can't be a session's key or user; `undefined` = it can. */
export function refuseText(text: string, max: number): string | undefined {
  if (text === '') return 'Must not be empty';
  if (text.length > max) return `Must have at most ${max} characters`;
  // What a column of text can't hold.
  return /\0|\p{Surrogate}/u.test(text) ? 'Must be text without U+0000' : undefined;
}

/** The workflow that asked for a session, of the opener that it named: `run_…-do` of `run_…-do/1`. */
export function workflowOf(opener: string): string {
  return opener.split('/')[0] ?? opener;
}

/** The trigger run behind an opener; null when it is none. */
export function runIdOf(opener: string): string | null {
  return /^run_[0-9a-f]{32}/.exec(opener)?.[0] ?? null;
}
