import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import type { Extension } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { tags } from '@lezer/highlight';

const floating = {
  backgroundColor: 'var(--mantine-color-body)',
  color: 'inherit',
  border: '1px solid var(--line)',
};

/** The editor in the colors of `style.css`, so that it follows the scheme by itself. */
export const codeLook: Extension = [
  EditorView.theme({
    '&': { border: '1px solid var(--line)', borderRadius: '4px', fontSize: '0.8125rem' },
    '&.cm-focused': { outline: '2px solid var(--mantine-color-anchor)', outlineOffset: '1px' },
    '.cm-scroller': { fontFamily: 'var(--mono)', minHeight: '320px', maxHeight: '70vh' },
    '.cm-content': { caretColor: 'var(--mantine-color-text)' },
    '.cm-cursor': { borderLeftColor: 'var(--mantine-color-text)' },
    '.cm-gutters': {
      backgroundColor: 'transparent',
      color: 'var(--mantine-color-dimmed)',
      borderRight: '1px solid var(--line)',
    },
    '.cm-activeLine': { backgroundColor: 'transparent' },
    '.cm-activeLineGutter': { backgroundColor: 'transparent', color: 'inherit' },
    '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground':
      { backgroundColor: 'var(--tone-busy-tint)' },
    '.cm-selectionMatch, .cm-searchMatch': { backgroundColor: 'var(--tone-warn-tint)' },
    '&.cm-focused .cm-matchingBracket': { backgroundColor: 'var(--tone-good-tint)' },
    '&.cm-focused .cm-nonmatchingBracket': { backgroundColor: 'var(--tone-bad-tint)' },
    '.cm-tooltip, .cm-panels': floating,
    '.cm-tooltip-autocomplete > ul > li[aria-selected]': {
      backgroundColor: 'var(--tone-busy-tint)',
      color: 'var(--tone-busy)',
    },
    '.cm-completionDetail': { color: 'var(--mantine-color-dimmed)', fontStyle: 'normal' },
  }),
  syntaxHighlighting(
    HighlightStyle.define([
      { tag: tags.definition(tags.propertyName), color: 'var(--tone-busy)' },
      { tag: tags.string, color: 'var(--tone-good)' },
      { tag: tags.comment, color: 'var(--mantine-color-dimmed)' },
      { tag: [tags.keyword, tags.meta, tags.labelName, tags.typeName], color: 'var(--tone-warn)' },
    ]),
  ),
];
