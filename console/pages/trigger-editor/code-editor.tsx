import { autocompletion } from '@codemirror/autocomplete';
import type { CompletionContext, CompletionResult } from '@codemirror/autocomplete';
import { indentWithTab } from '@codemirror/commands';
import { yaml, yamlLanguage } from '@codemirror/lang-yaml';
import { setDiagnostics } from '@codemirror/lint';
import type { Diagnostic } from '@codemirror/lint';
import { EditorState } from '@codemirror/state';
import type { Extension, Text } from '@codemirror/state';
import { EditorView, keymap } from '@codemirror/view';
import { basicSetup } from 'codemirror';
import { useEffect, useEffectEvent, useRef } from 'react';
import type { JSX } from 'react';
import { visibleText } from '../../parts/visible-text.ts';
import { codeLook } from './code-look.ts';
import { choicesAt } from './schema-choices.ts';
import type { CheckedText } from './use-check.ts';
import { yamlPlaceAt } from './yaml-place.ts';

export interface CodeEditorProps {
  /** What it begins with; later changes of it are not followed. */
  readonly initial: string;
  readonly isReadOnly: boolean;
  /** What the API says of a text; it is shown while that is the text here. */
  readonly checked: CheckedText | undefined;
  /** The JSON Schema of what is written; nothing is offered without it. */
  readonly schema: unknown;
  /** The id of the element that tells how the keyboard leaves. */
  readonly hintId: string;
  readonly onChange: (text: string) => void;
}

/** A YAML text to be written, with numbers of lines, what may stand where, and what is wrong. */
export function CodeEditor(props: CodeEditorProps): JSX.Element {
  const { isReadOnly, checked, hintId } = props;
  const box = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(undefined);
  const tell = useEffectEvent((text: string) => props.onChange(text));
  const complete = useEffectEvent((context: CompletionContext) => offer(context, props.schema));
  const first = useEffectEvent(() => props.initial);
  useEffect(() => {
    const own = new EditorView({
      doc: first(),
      extensions: [
        fixed({ hintId, isReadOnly }),
        yamlLanguage.data.of({ autocomplete: (context: CompletionContext) => complete(context) }),
        EditorView.updateListener.of(({ docChanged, state }) => {
          if (docChanged) tell(state.doc.toString());
        }),
      ],
      ...(box.current && { parent: box.current }),
    });
    view.current = own;
    return () => own.destroy();
  }, [hintId, isReadOnly]);
  useEffect(() => {
    const own = view.current;
    if (own === undefined || checked?.text !== own.state.doc.toString()) return;
    own.dispatch(setDiagnostics(own.state, diagnosticsOf(checked, own.state.doc)));
  }, [checked, isReadOnly]);
  return <div ref={box} />;
}

/** Of the editor’s own 2 s some hands need more; any other key ends it at once. */
const escapedMs = 60_000;

/** Tab indents; Escape, which closes first what is open, and then Tab goes on in the page. */
function fixed({ hintId, isReadOnly }: { hintId: string; isReadOnly: boolean }): Extension {
  return [
    isReadOnly ? [] : keymap.of([indentWithTab]),
    autocompletion({ icons: false, activateOnCompletion: ({ label }) => label.endsWith(':') }),
    basicSetup,
    keymap.of([{ key: 'Escape', run: canTabOut }]),
    yaml(),
    codeLook,
    EditorView.lineWrapping,
    EditorState.readOnly.of(isReadOnly),
    EditorView.contentAttributes.of({
      'aria-label': 'The text of the trigger',
      'aria-describedby': hintId,
      tabindex: '0', // Lines that don't fit are scrolled to with the keyboard, also where none can be typed.
      ...(isReadOnly && { 'aria-readonly': 'true' }),
    }),
  ];
}

function canTabOut(view: EditorView): boolean {
  view.setTabFocusMode(escapedMs);
  return true;
}

function offer(
  { state, pos, explicit }: CompletionContext,
  schema: unknown,
): CompletionResult | null {
  const place = yamlPlaceAt(state.doc.toString(), pos);
  const isKey = place?.kind === 'key';
  // On an empty line keys are offered to who asks; of values there are few.
  if (place === undefined || (isKey && !explicit && place.from === pos)) return null;
  const options = choicesAt(schema, place).map(({ label, about }) => ({
    label: isKey ? `${label}:` : label,
    type: isKey ? 'property' : 'enum',
    ...(isKey && { apply: `${label}: ` }),
    ...(about !== '' && { info: about }),
  }));
  return { from: place.from, options, validFor: /^[\w.-]*$/ };
}

function diagnosticsOf({ problems }: CheckedText, doc: Text): Diagnostic[] {
  return problems.map(({ line, column, path, message }) => {
    const at = doc.line(Math.min(Math.max(1, line), doc.lines));
    const from = Math.min(at.from + Math.max(0, column - 1), at.to);
    const word = /^[^\s,{}[\]]*/.exec(doc.sliceString(from, at.to))?.[0].length ?? 0;
    const text = visibleText(path === '' ? message : `${path}: ${message}`);
    return { from, to: from + word, severity: 'error', message: text };
  });
}
