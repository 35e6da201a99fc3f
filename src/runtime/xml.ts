import { XMLParser } from 'fast-xml-parser';
import { isBlank, plainForm, prefix } from './xml-form.ts';

/** What an element is: its text, or its children by name; a list where a name is repeated. */
export type XmlValue = string | XmlObject | readonly XmlValue[];

export interface XmlObject {
  readonly [name: string]: XmlValue;
}

/**
 * Read an XML document as an object: the children of its root by name, every leaf a string.
 *
 * Text and CDATA are verbatim but for line ends, which become LF (XML 1.0 §2.11). Blanks between
 * elements are dropped, other text beside elements is `#text`; attributes are not kept.
 *
 * @returns `undefined` for what is not well-formed XML 1.0, has a DOCTYPE or an entity other than the
 * five predefined and the numeric ones, is more than 64 elements deep or has more than
 * 100,000 tags and texts, or as many `&` or CR
 */
export function parseXml(text: string): XmlObject | undefined {
  try {
    const { plain, texts } = plainForm(text);
    const [root] = entriesOf(library.parse(plain));
    const content = valueOf(root?.content, texts);
    return typeof content === 'string' ? textOnly(content) : content;
  } catch {
    return undefined; // By `refuse`, by the library, or a pattern that ran out of memory.
  }
}

function textOnly(text: string): XmlObject {
  return isBlank(text) ? {} : { '#text': text };
}

/** Makes the tree and nothing else: of values and some names it has ideas of its own. */
const library = new XMLParser({
  preserveOrder: true,
  processEntities: false,
  parseTagValue: false,
  jPath: false,
});

interface Entry {
  readonly key: string;
  readonly content: unknown;
}

/** The nodes of the library's tree: each is an object of one key. */
function entriesOf(nodes: unknown): Entry[] {
  if (!Array.isArray(nodes)) return [];
  return nodes.flatMap((node: object) =>
    Object.entries(node).map(([key, content]: [string, unknown]) => ({ key, content })),
  );
}

function valueOf(nodes: unknown, texts: readonly string[]): string | XmlObject {
  const entries = entriesOf(nodes);
  const text = entries.map((entry) => textOf(entry, texts)).join('');
  const elements = entries.filter(({ key }) => key.startsWith(prefix));
  if (elements.length === 0) return text;
  const children = new Map<string, XmlValue[]>();
  for (const { key, content } of elements) {
    const child = valueOf(content, texts);
    const repeated = children.get(key);
    if (repeated) repeated.push(child);
    else children.set(key, [child]);
  }
  const named = [...children].map(([key, values]): [string, XmlValue] => {
    const [only = '', second] = values;
    return [key.slice(prefix.length), second === undefined ? only : values];
  });
  // From entries, `__proto__` is a key like any other.
  return Object.fromEntries([...named, ...Object.entries(textOnly(text))]);
}

/** The library got the numbers of the texts: it goes through a text letter by letter, for seconds. */
function textOf({ key, content }: Entry, texts: readonly string[]): string {
  if (key !== '#text' || typeof content !== 'string') return '';
  const numbers = content.trim().split(' ');
  return numbers.map((number) => texts[Number(number)] ?? '').join('');
}
