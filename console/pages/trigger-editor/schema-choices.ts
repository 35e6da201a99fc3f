import type { YamlPlace } from './yaml-place.ts';

/** Something that may stand at a place of a file. */
export interface Choice {
  readonly label: string;
  /** What the schema says of it; empty when it says nothing. */
  readonly about: string;
}

/** What a JSON Schema allows at a place: the keys of a map, or the values that it names. */
export function choicesAt(schema: unknown, { path, kind }: YamlPlace): Choice[] {
  const root = schema;
  let found = alternatives(root, root);
  for (const key of path) {
    found = found.flatMap((part) => membersOf(part, key)).flatMap((it) => alternatives(it, root));
  }
  const choices = found.flatMap(kind === 'key' ? (part) => keysOf(part, root) : valuesOf);
  return [...new Map(choices.map((choice) => [choice.label, choice])).values()];
}

/** A schema and all that it is made of, each with what it says itself. */
function alternatives(schema: unknown, root: unknown): unknown[] {
  const reference = field(schema, '$ref');
  const target = typeof reference === 'string' ? referenced(root, reference) : undefined;
  const parts = ['anyOf', 'oneOf', 'allOf'].flatMap((name) => listOf(schema, name));
  const inner = target === undefined ? parts : [target, ...parts];
  return [schema, ...inner.flatMap((part) => alternatives(part, root))];
}

/** `#/$defs/name`. */
function referenced(root: unknown, reference: string): unknown {
  const names = reference.split('/').slice(1);
  return names.reduce((schema: unknown, name) => field(schema, name), root);
}

function membersOf(schema: unknown, key: string): unknown[] {
  if (key === '-') return [field(schema, 'items')];
  return [field(field(schema, 'properties'), key) ?? field(schema, 'additionalProperties')];
}

function keysOf(schema: unknown, root: unknown): Choice[] {
  const properties = field(schema, 'properties');
  if (typeof properties !== 'object' || properties === null) return [];
  return Object.entries(properties).map(([label, property]) => ({
    label,
    about: alternatives(property, root).map(aboutOf).find(Boolean) ?? '',
  }));
}

function valuesOf(schema: unknown): Choice[] {
  const values = [...listOf(schema, 'enum'), field(schema, 'const')];
  const labels = values.filter((value) => ['string', 'number', 'boolean'].includes(typeof value));
  return labels.map((value) => ({ label: String(value), about: aboutOf(schema) }));
}

function aboutOf(schema: unknown): string {
  const text = field(schema, 'description');
  return typeof text === 'string' ? text : '';
}

function listOf(schema: unknown, name: string): unknown[] {
  const list = field(schema, name);
  return Array.isArray(list) ? list : [];
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.getOwnPropertyDescriptor(value, name)?.value
    : undefined;
}
