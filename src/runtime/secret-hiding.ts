/**
 * Puts `***` for secrets in a text of one character per byte.
 *
 * @param end - where it is cut, after a secret that lies across
 */
export type Hide = (text: string, end?: number) => string;

/**
 * Hide secrets wherever they stand and however they are escaped.
 *
 * Takes time in proportion to the text: who sends it must not be able to make it more.
 *
 * @param pairs - `user:password` as HTTP Basic sends them: hidden in base64 alone
 */
export function makeHide(secrets: readonly string[], pairs: readonly string[] = []): Hide {
  const forms = formsOf(secrets, pairs);
  return (text, end = text.length) => {
    const ends = new Uint32Array(text.length); // Where a secret ends that begins here; 0 = none does.
    for (const view of forms.length === 0 ? [] : viewsOf(text)) {
      const plain = { ...view, text: withoutBlanks(view.text) };
      for (const form of forms) findAll(plain, form, ends);
    }
    return cover(text, ends, end);
  };
}

/** How secrets are written where nothing is escaped, one character per byte. */
function formsOf(secrets: readonly string[], pairs: readonly string[]): string[] {
  const forms = [
    ...secrets.flatMap((value) => [
      Buffer.from(value).toString('latin1'),
      value, // What has no more than Latin-1 may be sent as that.
    ]),
    ...[...secrets, ...pairs].flatMap(base64FormsOf),
  ];
  return [...new Set(forms.map(withoutBlanks))].filter((form) => form !== '');
}

/** Without padding, which may be left out. */
function base64FormsOf(text: string): string[] {
  const bytes = Buffer.from(text);
  return [bytes.toString('base64').replaceAll('=', ''), bytes.toString('base64url')];
}

/** A form writes `+` for a blank; taking both for the same finds either. */
function withoutBlanks(text: string): string {
  return text.replaceAll(' ', '+');
}

/** A text behind its escapes. */
interface View {
  readonly text: string;
  /** Where in what was sent each character begins; one more for the end. */
  readonly starts: Uint32Array;
}

/** One way of escaping. */
interface Escaping {
  /** Finds one escape, which is its only group. */
  readonly pattern: RegExp;
  /** What it stands for, one character per byte and never more than it has. */
  readonly decode: (escape: string) => string;
}

const percent: Escaping = {
  pattern: /(%[0-9A-Fa-f]{2})/,
  decode: (escape) => String.fromCharCode(Number.parseInt(escape.slice(1), 16)),
};

const json: Escaping = {
  pattern:
    /(\\u[Dd][89ABab][0-9A-Fa-f]{2}\\u[Dd][C-Fc-f][0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}|\\["\\/])/,
  decode: (escape) =>
    escape.length === 2
      ? escape.slice(1)
      : Buffer.from(String(JSON.parse(`"${escape}"`))).toString('latin1'),
};

/** As it was sent, and behind up to two layers of each way of escaping: JSON in a form, say. */
function viewsOf(text: string): View[] {
  const starts = new Uint32Array(text.length + 1).map((_, at) => at);
  return unescapeTwice({ text, starts }, percent).flatMap((view) => unescapeTwice(view, json));
}

function unescapeTwice(view: View, escaping: Escaping): View[] {
  const once = unescape(view, escaping);
  const twice = once && unescape(once, escaping);
  return [view, once, twice].filter((some) => some !== undefined);
}

/** `undefined` where nothing is escaped. */
function unescape({ text, starts }: View, { pattern, decode }: Escaping): View | undefined {
  const pieces = text.split(pattern); // What is not escaped and what is take turns.
  if (pieces.length === 1) return undefined;
  const moved = new Uint32Array(text.length + 1);
  let read = 0;
  let written = 0;
  const decoded = pieces.map((piece, index) => {
    const isEscape = index % 2 === 1;
    const plain = isEscape ? decode(piece) : piece;
    // All bytes of a character begin where its escape does.
    if (isEscape) moved.fill(starts[read] ?? 0, written, written + plain.length);
    else moved.set(starts.subarray(read, read + plain.length), written);
    written += plain.length;
    read += piece.length;
    return plain;
  });
  moved[written] = starts[read] ?? 0;
  return { text: decoded.join(''), starts: moved };
}

/** Note each place of a form, also where they overlap. */
function findAll({ text, starts }: View, form: string, ends: Uint32Array): void {
  for (let at = text.indexOf(form); at !== -1; at = text.indexOf(form, at + 1)) {
    const start = starts[at] ?? 0;
    ends[start] = Math.max(ends[start] ?? 0, starts[at + form.length] ?? 0);
  }
}

/** Put `***` for what was found before `shownEnd`; what overlaps becomes one. */
function cover(text: string, ends: Uint32Array, shownEnd: number): string {
  const parts: string[] = [];
  let hiddenUntil = 0;
  for (let at = 0; at < shownEnd; at += 1) {
    const end = ends[at] ?? 0;
    if (end > 0 && at >= hiddenUntil) parts.push(text.slice(hiddenUntil, at), '***');
    hiddenUntil = Math.max(hiddenUntil, end);
  }
  parts.push(text.slice(hiddenUntil, shownEnd)); // Nothing where a secret lies across the end.
  return parts.join('');
}
