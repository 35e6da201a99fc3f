/** One field of an object, in words. */
export interface SchemaField {
  readonly name: string;
  /** As `text`, `whole number, from 0`, `list`. */
  readonly type: string;
  readonly isRequired: boolean;
}

const typeWords: ReadonlyMap<string, string> = new Map([
  ['string', 'text'],
  ['integer', 'whole number'],
  ['number', 'number'],
  ['boolean', 'true or false'],
  ['array', 'list'],
  ['object', 'object'],
  ['null', 'null'],
]);

/** The fields of a JSON Schema of an object, in its order; none of what is no such schema. */
export function fieldsOf(schema: unknown): SchemaField[] {
  const { properties, required } = fields(schema);
  const names = Array.isArray(required) ? required : [];
  return Object.entries(fields(properties)).map(([name, property]) => ({
    name,
    type: wordsOf(fields(property)),
    isRequired: names.includes(name),
  }));
}

function wordsOf({ anyOf, ...schema }: Record<string, unknown>): string {
  const kinds = Array.isArray(anyOf) ? anyOf.map(fields) : [schema];
  return kinds.map(kindWordsOf).join(', or ');
}

function kindWordsOf({ type, format, minimum, maximum }: Record<string, unknown>): string {
  const base =
    format === 'uri' ? 'URL' : (typeof type === 'string' && typeWords.get(type)) || 'anything';
  // zod writes the ends of what is safe where nothing is said.
  const bottom = minimum === Number.MIN_SAFE_INTEGER ? undefined : minimum;
  const top = maximum === Number.MAX_SAFE_INTEGER ? undefined : maximum;
  const range = [
    ...(typeof bottom === 'number' ? [`from ${bottom}`] : []),
    ...(typeof top === 'number' ? [`to ${top}`] : []),
  ];
  return range.length === 0 ? base : `${base}, ${range.join(' ')}`;
}

function fields(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
