/** What a page tells its reader to do, in order. */
export type PageStep =
  | { readonly kind: 'write'; readonly file: string; readonly text: string }
  | {
      readonly kind: 'insert';
      readonly file: string;
      readonly text: string;
      /** A part of the line beside which it goes. */
      readonly anchor: string;
      readonly isAbove: boolean;
    }
  | {
      readonly kind: 'run';
      readonly script: string;
      /** Null = the page promises nothing but that it works. */
      prints: string | null;
    };

/** A fenced block, or a paragraph. */
const partPattern = /^```(\w+)\n([^]*?)^```$|^(?:.+\n)+/gm;

/**
 * Read the steps of a page in Markdown.
 *
 * A block is `sh` (to be run; a `text` block behind it is what that prints), or its paragraph ends in
 * "Put this into `<file>`:" or "In `<file>`, below `<line>`:" (or "above").
 *
 * @throws Error for a block that is none of these
 */
export function stepsOf(page: string): PageStep[] {
  const steps: PageStep[] = [];
  let paragraph = '';
  for (const [part, language, text = ''] of page.matchAll(partPattern)) {
    const last = steps.at(-1);
    if (language === undefined) paragraph = part.replaceAll('\n', ' ').trim();
    else if (language === 'text' && last?.kind === 'run') last.prints = text;
    else steps.push(stepOf({ language, text, paragraph }));
  }
  return steps;
}

function stepOf(block: { language: string; text: string; paragraph: string }): PageStep {
  const { language, text, paragraph } = block;
  if (language === 'sh') return { kind: 'run', script: text, prints: null };
  const [, whole] = /Put this into `([^`]+)`:$/.exec(paragraph) ?? [];
  if (whole !== undefined) return { kind: 'write', file: whole, text };
  const [, file, side, anchor] = /In `([^`]+)`, (below|above) `([^`]+)`:$/.exec(paragraph) ?? [];
  if (file === undefined || anchor === undefined) {
    throw new Error(`Nothing says what to do with the block behind "${paragraph}"`);
  }
  return { kind: 'insert', file, text, anchor, isAbove: side === 'above' };
}

/** The ids that a page leaves out: `evt_…`. */
const idPattern = /\b(evt|run|dlv)_…/g;

/**
 * What `…` stands for in what a page promises: the rest of an id, of a line, or whole lines where it
 * stands alone.
 *
 * @returns the ids by their kind, or undefined when this was not printed
 */
export function idsIn(output: string, promised: string): Map<string, string> | undefined {
  const kinds = [...promised.matchAll(idPattern)].map(([, kind = '']) => kind);
  const pattern = promised
    .replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
    .replaceAll(/^ *…\n/gm, String.raw`(?:.*\n)*?`)
    .replaceAll(idPattern, '($1_[0-9a-f]+)')
    .replaceAll('…', '.*');
  const found = new RegExp(`^${pattern}`, 'm').exec(output);
  if (!found) return undefined;
  const [, ...ids] = found;
  return new Map(kinds.map((kind, index) => [kind, ids[index] ?? '']));
}

/** Put the ids where a page leaves them out. */
export function withIds(script: string, ids: ReadonlyMap<string, string>): string {
  return script.replaceAll(idPattern, (left, kind: string) => ids.get(kind) ?? left);
}
