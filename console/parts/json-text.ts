import { visibleLine } from './visible-text.ts';

/** What a person typed or pasted as JSON: its value, or why it is none. */
export type JsonText = { readonly value: unknown } | { readonly mistake: string };

/** Read JSON; the mistake has the place in the text, where the browser tells it. */
export function readJson(text: string): JsonText {
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { mistake: `This is no JSON: ${visibleLine(why)}` };
  }
}
