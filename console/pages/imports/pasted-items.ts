import { readJson } from '../../parts/json-text.ts';

/** As many as the API takes in one import. */
const itemsMax = 1000;

/** What was pasted: the items of an import, or why it is none. Each item is the API's to check. */
export type PastedItems = { readonly items: readonly unknown[] } | { readonly mistake: string };

/** Read the items of an import as a person pastes them. */
export function readItems(text: string): PastedItems {
  const read = readJson(text);
  if ('mistake' in read) return read;
  const items: unknown = read.value;
  if (!Array.isArray(items)) return { mistake: 'Must be a list of items: [{…}, {…}]' };
  if (items.length === 0) return { mistake: 'The list is empty: there is nothing to import' };
  if (items.length > itemsMax) {
    const count = items.length.toLocaleString('en');
    return { mistake: `${count} items: one import takes at most 1,000. Send the rest in another` };
  }
  return { items };
}
