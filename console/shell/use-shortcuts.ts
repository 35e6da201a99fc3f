import { useEffect, useEffectEvent } from 'react';

/** The keys, for those who read about them. */
export const shortcuts: readonly { readonly keys: string; readonly what: string }[] = [
  { keys: 'Ctrl K or ⌘ K', what: 'Go to a page, or to an id' },
  { keys: '/', what: 'Filter the list by text' },
  { keys: 'Ctrl S or ⌘ S', what: 'Save the text of a trigger, in its editor' },
  { keys: '?', what: 'Show these' },
  { keys: 'Esc', what: 'Close what is open' },
];

/** The keyboard shortcuts of all pages. */
export function useShortcuts(actions: { search: () => void; help: () => void }): void {
  const act = useEffectEvent((event: KeyboardEvent) => {
    const keys = keysOf(event);
    if (keys === 'ctrl k') {
      event.preventDefault();
      actions.search();
    } else if (!isTyping(event)) {
      if (keys === '?') actions.help();
      if (keys === '/' && focusFilter()) event.preventDefault();
    }
  });
  useEffect(() => {
    const listener = (event: KeyboardEvent): void => act(event);
    document.addEventListener('keydown', listener);
    return () => document.removeEventListener('keydown', listener);
  }, []);
}

/** `ctrl k` for both Ctrl K and ⌘ K. */
function keysOf({ key, ctrlKey, metaKey, altKey }: KeyboardEvent): string {
  const isControl = ctrlKey || metaKey;
  return `${isControl ? 'ctrl ' : ''}${altKey ? 'alt ' : ''}${key.toLowerCase()}`;
}

function isTyping({ target }: KeyboardEvent): boolean {
  return target instanceof Element && target.matches('input, textarea, select, [contenteditable]');
}

function focusFilter(): boolean {
  const field = document.querySelector<HTMLInputElement>('input[data-filter-text]');
  field?.focus();
  return field !== null;
}
