import { useEffect, useEffectEvent, useState } from 'react';
import { useSearchTexts } from '../address.ts';
import { useSetFilters } from './filters.ts';

/** Long enough that a typed word is one question, not seven. */
const typingMs = 400;

/** A text of the address while it is typed: what stands in the field, and how it is changed. */
export function useTypedSearch(name: string): readonly [string, (text: string) => void] {
  const asked = useSearchTexts()[name] ?? '';
  const setFilters = useSetFilters();
  const [text, setText] = useState(asked);
  const [lastAsked, setLastAsked] = useState(asked);
  if (asked !== lastAsked) {
    setLastAsked(asked); // The address changed: by us, by the browser's back, or by "Clear".
    if (asked !== text.trim()) setText(asked);
  }
  const ask = useEffectEvent(() => setFilters({ [name]: text.trim() || undefined }));
  useEffect(() => {
    if (text.trim() === asked) return undefined;
    const timer = setTimeout(() => ask(), typingMs);
    return () => clearTimeout(timer);
  }, [text, asked]);
  return [text, setText];
}
