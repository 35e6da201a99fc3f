/** Events that a text listens to, as lists of the API are asked for them. */
export interface AskedEvents {
  readonly source: string;
  /** A type, or a beginning with a star; undefined = any. */
  readonly type: string | undefined;
}

/** So many are asked for: a text that listens to more has examples enough. */
const askedMax = 6;

/** As `source: github, events: [push, issues]`, on one line or on many. */
const pattern =
  /\bsource:\s*["']?([\w-]+)["']?\s*,?\s*events:\s*(?:\[([^\]]*)\]|((?:\n\s*-\s+\S+)+))/g;

/** What a text listens to, found without reading it as YAML, so that it need not be whole. */
export function askedEventsIn(text: string): AskedEvents[] {
  return [...text.matchAll(pattern)]
    .flatMap(([, name = '', inline, block = '']) => {
      const source = name === 'events' ? 'platform' : name;
      const types = inline?.split(',') ?? block.split(/\n\s*-/).slice(1);
      return types.map((type) => ({ source, type: typeOf(type) }));
    })
    .slice(0, askedMax);
}

function typeOf(text: string): string | undefined {
  const type = text.replaceAll(/["'\s]/g, '');
  return type === '*' || type === '' ? undefined : type;
}
