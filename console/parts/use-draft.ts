import { useState } from 'react';

/** What a person changes of a kept thing, before it is saved. */
export interface Drafting<K, D> {
  /** What the draft began from: what differs from it is what a person has changed. */
  readonly base: K;
  readonly draft: D;
  readonly isSame: boolean;
  readonly change: (changes: Partial<D>) => void;
  /** Begin anew: to undo. */
  readonly begin: (kept: K) => void;
  /** Go on from what was saved: what was typed since the draft was sent stays. */
  readonly settle: (sent: D, saved: K) => void;
}

/**
 * A draft of settings.
 *
 * Where somebody else changes the thing and nothing was typed here, it begins anew by itself; where
 * something was typed, it stays, and so does its base.
 *
 * @param kept - as the API has it now
 * @param isSame - whether saving the draft would change nothing of its base
 */
export function useDraft<K, D extends object>(
  kept: K,
  draftOf: (kept: K) => D,
  isSame: (draft: D, base: K) => boolean,
): Drafting<K, D> {
  const [base, setBase] = useState(kept);
  const [draft, setDraft] = useState(() => draftOf(kept));
  function begin(from: K): void {
    setBase(from);
    setDraft(draftOf(from));
  }
  function settle(sent: D, saved: K): void {
    setBase(saved);
    setDraft((now) => ({ ...draftOf(saved), ...typedSince(sent, now) }));
  }
  const isSameNow = isSame(draft, base);
  if (isSameNow && JSON.stringify(draftOf(kept)) !== JSON.stringify(draftOf(base))) begin(kept);
  const change = (changes: Partial<D>): void => setDraft({ ...draft, ...changes });
  return { base, draft, isSame: isSameNow, change, begin, settle };
}

function typedSince<D extends object>(sent: D, now: D): Partial<D> {
  const before = new Map<string, unknown>(Object.entries(sent));
  const typed = Object.entries(now).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(before.get(name)),
  );
  return Object.fromEntries(typed) as Partial<D>;
}
