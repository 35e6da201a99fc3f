import { depthMax, tokensMax } from './body-limits.ts';

/** References, and line ends with CR: 25 MiB of nothing else would take seconds to replace. */
const replacedMax = 100_000;

/** Before each name: a library may refuse or rename `__proto__`, `constructor` and the like. */
export const prefix = 'e.';

export interface PlainForm {
  /** The document without declaration and attributes, names prefixed, a number for each text. */
  readonly plain: string;
  readonly texts: readonly string[];
}

/**
 * Hold a text to be well-formed XML 1.0 without DOCTYPE, and put it as plainly as a library needs it
 * that reads text which is no XML as if it were.
 *
 * It reads 25 MiB of strangers too: forwards only, and no step looks back.
 *
 * @throws Error saying what is wrong
 */
export function plainForm(text: string): PlainForm {
  refuseLetters(text);
  const place: Place = { open: [], hasRoot: false, parts: [], texts: [] };
  let at = matchAt(patterns.declaration, text, 0)?.[0].length ?? 0;
  while (at < text.length) {
    const token = tokenAt(text, at);
    if (token.kind !== 'aside') place.parts.push(take(place, token));
    if (place.parts.length > tokensMax) refuse('it is too large');
    at = token.end;
  }
  if (place.open.length > 0 || !place.hasRoot) refuse('its root is not there or not closed');
  return { plain: place.parts.join(''), texts: place.texts };
}

function refuseLetters(text: string): void {
  if (noCharacter.test(text)) refuse('it has a character that XML does not know');
  for (const sign of ['&', '\r']) {
    if (text.split(sign, replacedMax + 1).length > replacedMax) refuse('it is too large');
  }
}

/** Whether there is nothing but what XML counts as white space. */
export function isBlank(text: string): boolean {
  return /^[ \t\r\n]*$/.test(text);
}

const start =
  ':A-Z_a-z\\u00C0-\\u00D6\\u00D8-\\u00F6\\u00F8-\\u02FF\\u0370-\\u037D\\u037F-\\u1FFF\\u200C\\u200D' +
  '\\u2070-\\u218F\\u2C00-\\u2FEF\\u3001-\\uD7FF\\uF900-\\uFDCF\\uFDF0-\\uFFFD\\u{10000}-\\u{EFFFF}';
const name = `[${start}][${start}\\-.0-9\\u00B7\\u0300-\\u036F\\u203F\\u2040]*`;
const blank = '[ \\t\\r\\n]';
const equals = `${blank}*=${blank}*`;
const value = `(?:"[^<"]*"|'[^<']*')`;
const quoted = (form: string): string => `(?:"${form}"|'${form}')`;

const patterns = {
  declaration: new RegExp(
    `<\\?xml${blank}+version${equals}${quoted('1\\.[0-9]+')}` +
      `(?:${blank}+encoding${equals}${quoted('[A-Za-z][A-Za-z0-9._\\-]*')})?` +
      `(?:${blank}+standalone${equals}${quoted('(?:yes|no)')})?${blank}*\\?>`,
    'uy',
  ),
  instruction: new RegExp(`<\\?${name}(?=${blank}|\\?>)`, 'uy'),
  opening: new RegExp(
    `<(?<name>${name})(?<attributes>(?:${blank}+${name}${equals}${value})*)${blank}*/?>`,
    'uy',
  ),
  closing: new RegExp(`</(?<name>${name})${blank}*>`, 'uy'),
  attribute: new RegExp(`(?<key>${name})${equals}(?<value>${value})`, 'gu'),
};

/** Anything but a `Char` of XML 1.0 §2.2. */
const noCharacter = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u;

interface Tag {
  readonly kind: 'opening' | 'empty' | 'closing';
  readonly end: number;
  readonly name: string;
}

interface Text {
  readonly kind: 'text';
  readonly end: number;
  readonly content: string;
  /** CDATA may not stand outside the root, be it blank. */
  readonly isCdata: boolean;
}

/** A comment or an instruction. */
interface Aside {
  readonly kind: 'aside';
  readonly end: number;
}

type Token = Tag | Text | Aside;

function refuse(why: string): never {
  throw new Error(`Cannot read XML: ${why}`);
}

/** Where in the document a token stands, and what came before it. */
interface Place {
  readonly parts: string[];
  readonly texts: string[];
  /** The names of the elements around it. */
  readonly open: string[];
  hasRoot: boolean;
}

/** What stands for a token in the plain form. */
function take(place: Place, token: Tag | Text): string {
  if (token.kind === 'text') {
    refuseOutside(place, token);
    return `${place.texts.push(token.content) - 1} `;
  }
  enter(place, token);
  const { kind, name: tag } = token;
  return `<${kind === 'closing' ? '/' : ''}${prefix}${tag}${kind === 'empty' ? '/' : ''}>`;
}

function refuseOutside({ open }: Place, { content, isCdata }: Text): void {
  if (open.length > 0) return;
  if (isCdata || !isBlank(content)) refuse('it has text outside its root');
}

/** Go past a tag; refuse one that may not be where it is. */
function enter(place: Place, { kind, name: tag }: Tag): void {
  if (kind === 'closing') {
    if (place.open.pop() !== tag) refuse('an element is not closed');
    return;
  }
  if (place.open.length === 0 && place.hasRoot) refuse('it has two roots');
  if (place.open.length === depthMax) refuse('it is too deep');
  place.hasRoot = true;
  if (kind === 'opening') place.open.push(tag);
}

function tokenAt(text: string, at: number): Token {
  if (text[at] !== '<') return textAt(text, at);
  if (text.startsWith('<![CDATA[', at)) return cdataAt(text, at);
  if (text.startsWith('<!--', at)) return commentAt(text, at);
  if (text.startsWith('<?', at)) return instructionAt(text, at);
  return tagAt(text, at);
}

function textAt(text: string, at: number): Text {
  const next = text.indexOf('<', at);
  const end = next === -1 ? text.length : next;
  const raw = text.slice(at, end);
  if (raw.includes(']]>')) refuse('"]]>" is outside CDATA');
  return { kind: 'text', end, content: decodeReferences(endLines(raw)), isCdata: false };
}

function cdataAt(text: string, at: number): Text {
  const begin = at + '<![CDATA['.length;
  const end = endOf(text, ']]>', begin);
  return { kind: 'text', end, content: endLines(text.slice(begin, end - 3)), isCdata: true };
}

function endLines(text: string): string {
  return text.replaceAll('\r\n', '\n').replaceAll('\r', '\n');
}

function commentAt(text: string, at: number): Aside {
  const end = endOf(text, '--', at + 4) + 1;
  if (text[end - 1] !== '>') refuse('"--" is inside a comment');
  return { kind: 'aside', end };
}

function instructionAt(text: string, at: number): Aside {
  const found = matchAt(patterns.instruction, text, at) ?? refuse('"<?" has no name');
  if (/^<\?xml$/i.test(found[0])) refuse('its declaration is not at its start');
  return { kind: 'aside', end: endOf(text, '?>', at + found[0].length) };
}

/** A DOCTYPE is no tag: it ends here. */
function tagAt(text: string, at: number): Tag {
  const closing = matchAt(patterns.closing, text, at);
  const found = closing ?? matchAt(patterns.opening, text, at) ?? refuse('"<" begins no tag');
  const [raw] = found;
  const { name: tag = '', attributes = '' } = found.groups ?? {};
  checkAttributes(attributes);
  const kind = closing ? 'closing' : raw.endsWith('/>') ? 'empty' : 'opening';
  return { kind, end: at + raw.length, name: tag };
}

function checkAttributes(text: string): void {
  const seen = new Set<string>();
  for (const { groups: { key = '', value = '' } = {} } of text.matchAll(patterns.attribute)) {
    if (seen.has(key)) refuse('an attribute is there twice');
    seen.add(key);
    decodeReferences(value);
  }
}

function endOf(text: string, mark: string, from: number): number {
  const found = text.indexOf(mark, from);
  return found === -1 ? refuse(`"${mark}" is missing`) : found + mark.length;
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

const predefined: ReadonlyMap<string, string> = new Map([
  ['lt', '<'],
  ['gt', '>'],
  ['amp', '&'],
  ['quot', '"'],
  ['apos', "'"],
]);

/** Replace `&lt;`, `&#20013;` and `&#x4e2d;`; any other `&` is refused. */
function decodeReferences(text: string): string {
  return text.replaceAll(/&(?:([a-z]+|#[0-9]+|#x[0-9a-fA-F]+);)?/g, (_, reference?: string) => {
    const entity = reference ?? refuse('"&" stands alone');
    if (!entity.startsWith('#')) return predefined.get(entity) ?? refuse('an entity is not known');
    const isHex = entity.startsWith('#x');
    return characterOf(Number.parseInt(entity.slice(isHex ? 2 : 1), isHex ? 16 : 10));
  });
}

function characterOf(codePoint: number): string {
  const character = codePoint <= 0x10_ff_ff ? String.fromCodePoint(codePoint) : '\0';
  return noCharacter.test(character) ? refuse('a reference is to no character') : character;
}
