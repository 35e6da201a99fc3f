/**
 * Characters that hide, reorder or command: C0 but tab and newline, DEL and C1 (ANSI sequences begin with one), bidi
 * marks and overrides, what has no width, line separators, tags, and half surrogate pairs. The joiners of emoji stay.
 */
const hidden =
  // oxlint-disable-next-line no-control-regex -- control characters are what it looks for
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}\p{Surrogate}]/gu;

/** Foreign text, with such characters by their names: `⟨U+202E⟩`. A newline before a line's end is left out. */
export function visibleText(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(hidden, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `⟨U+${code.toString(16).toUpperCase().padStart(4, '0')}⟩`;
  });
}

/** The same on one line. */
export function visibleLine(text: string): string {
  return visibleText(text).replaceAll('\n', '⏎').replaceAll('\t', '⇥');
}
